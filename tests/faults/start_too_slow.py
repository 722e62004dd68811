"""A sleep that once waited for a side-car stayed in the start: each deployment took that much longer."""

import asyncio

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("init")
async def wait_first(run: Run, _app: FastAPI) -> None:
    """Wait for nothing."""
    await asyncio.sleep(1.0)
    await run()
