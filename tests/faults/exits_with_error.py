"""After a good shutdown a hook of a library ended the process with code 1: each stop looked like a crash."""

import os

from agent_chat import orchestrator
from agent_chat.main import app
from agent_chat.orchestrator import Closing, StartupState

__all__ = ["app"]

stop = orchestrator._stop


async def stop_and_leave(startup: StartupState, closing: Closing) -> None:
    """Close everything, then leave in the wrong way."""
    await stop(startup, closing)
    os._exit(1)


orchestrator._stop = stop_and_leave
