"""The pauses doubled, and were the same in all instances: they fell upon the database together, and it went down."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

FIRST, LONGEST = 0.1, 0.3


async def doubling(
    service: str, call: Callable[[], Awaitable[object]], *, seconds: float, on: tuple[type[Exception], ...]
) -> object:
    """Try again after a pause which doubles."""
    del service
    until, pause = time.monotonic() + seconds, FIRST
    while True:
        try:
            return await call()
        except on:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST)


startup.retrying = doubling
