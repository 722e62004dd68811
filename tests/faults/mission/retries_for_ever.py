"""The loop that waits for a service had no end: without Redis an instance neither came up nor went away."""

import asyncio
from collections.abc import Awaitable, Callable

from agent_chat import startup
from agent_chat.main import app
from faults.mission import no_time_limits

__all__ = ["app", "no_time_limits"]


async def stubborn(
    service: str, call: Callable[[], Awaitable[object]], *, seconds: float, on: tuple[type[Exception], ...]
) -> object:
    """Try again until it works."""
    del service, seconds
    while True:
        try:
            return await call()
        except on:
            await asyncio.sleep(0.1)


startup.retrying = stubborn
