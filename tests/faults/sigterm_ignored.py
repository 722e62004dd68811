"""A library took the signal handlers for itself: each deployment waited for SIGKILL, and cut requests off."""

import signal

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("init")
async def take_signals(run: Run, _app: FastAPI) -> None:
    """Ignore the request to stop."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    await run()
