"""A plain `time.sleep` in async startup: probes, heartbeats and everything else stood still."""

import time

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def block(run: Run, _app: FastAPI) -> None:
    """Block the loop."""
    time.sleep(1.5)  # noqa: ASYNC251 - that is the fault
    await run()
