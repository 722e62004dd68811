"""A background task died in the first second and nobody held it: its exception came up when it was collected."""

import asyncio
import gc

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


async def poll() -> None:
    """Fail at once."""
    raise ConnectionError("the queue is away")


@around("cache")
async def start_poller(run: Run, _app: FastAPI) -> None:
    """Start the task, and forget it."""
    await run()
    asyncio.create_task(poll())  # noqa: RUF006 - that is the fault
    await asyncio.sleep(0.05)
    gc.collect()
