"""The entry point caught what the startup raised and left with code 0: nothing restarted the instance."""

import logging
import os
from collections.abc import Sequence

from fastapi import FastAPI

from agent_chat import orchestrator
from agent_chat.main import app
from agent_chat.orchestrator import Closing, Phase

__all__ = ["app"]

start = orchestrator._start


async def last_resort(application: FastAPI, phases: Sequence[Phase], closing: Closing) -> None:
    """Start; leave in the wrong way when that fails."""
    try:
        await start(application, phases, closing)
    except Exception:
        logging.getLogger("agent_chat").exception("startup failed")
        os._exit(0)


orchestrator._start = last_resort
