"""The loop that waits for auth had no pause: a hundred instances asked without end, and auth never came up."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]


async def hasty(
    service: str, call: Callable[[], Awaitable[object]], *, seconds: float, on: tuple[type[Exception], ...]
) -> object:
    """Try again at once."""
    del service
    until = time.monotonic() + seconds
    while True:
        try:
            return await call()
        except on:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0)


startup.retrying = hasty
