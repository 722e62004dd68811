"""Every instance asked auth again each half second, all in step, as long as it was down: it was slow to come up."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

PAUSE = 0.45


async def steadily(
    service: str, call: Callable[[], Awaitable[object]], *, seconds: float, on: tuple[type[Exception], ...]
) -> object:
    """Try again after a pause which stays the same."""
    del service
    until = time.monotonic() + seconds
    while True:
        try:
            return await call()
        except on:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(PAUSE)


startup.retrying = steadily
