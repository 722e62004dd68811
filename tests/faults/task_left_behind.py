"""A polling task was not ended at shutdown, and went on asking a closed database."""

import asyncio

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


async def poll() -> None:
    """Go on for ever."""
    while True:  # noqa: ASYNC110 - as pollers do
        await asyncio.sleep(60)


@around("services")
async def start_poller(run: Run, app: FastAPI) -> None:
    """Start the task and never cancel it."""
    await run()
    app.state.poller = asyncio.create_task(poll(), name="poller")
