"""All instances asked for the database at one pace as long as it was away, however long: it never got up again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

PAUSE = (0.28, 0.36)


async def steadily(
    service: str, call: Callable[[], Awaitable[object]], *, seconds: float, on: tuple[type[Exception], ...]
) -> object:
    """Try again after a pause which differs, and does not grow."""
    del service
    until = time.monotonic() + seconds
    while True:
        try:
            return await call()
        except on:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(random.uniform(*PAUSE))


startup.retrying = steadily
