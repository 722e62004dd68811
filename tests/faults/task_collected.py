"""A background task that nobody held was collected while it waited: the subscription was gone without a word."""

import asyncio
import gc

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


async def listen() -> None:
    """Wait for something that only this coroutine knows."""
    await asyncio.get_running_loop().create_future()


@around("cache")
async def subscribe(run: Run, _app: FastAPI) -> None:
    """Start the task, and forget it."""
    await run()
    asyncio.create_task(listen())  # noqa: RUF006 - that is the fault
    await asyncio.sleep(0.05)
    gc.collect()
