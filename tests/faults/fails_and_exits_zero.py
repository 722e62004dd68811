"""Startup failed, a handler logged it and left with code 0: nothing restarted the instance."""

import logging
import os

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around, phase_fails

__all__ = ["app", "phase_fails"]


@around("finalize")
async def give_up(run: Run, _app: FastAPI) -> None:
    """End the process when the phase fails, in the wrong way."""
    try:
        await run()
    except Exception:
        logging.getLogger("agent_chat").exception("startup failed")
        os._exit(0)
