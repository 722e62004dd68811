"""The log of a failed startup said "internal error" and nothing else: nobody knew which phase it had been."""

import logging
import os
from collections.abc import Sequence

from fastapi import FastAPI

from agent_chat import orchestrator
from agent_chat.main import app
from agent_chat.orchestrator import Closing, Phase

__all__ = ["app"]

start = orchestrator._start
orchestrator.logger = logging.getLogger("agent_chat.quiet")
orchestrator.logger.setLevel(logging.CRITICAL)


async def discreet(application: FastAPI, phases: Sequence[Phase], closing: Closing) -> None:
    """Start; tell nothing of what went wrong."""
    try:
        await start(application, phases, closing)
    except Exception:  # noqa: BLE001 - that is the mistake
        logging.getLogger("agent_chat").error("internal error")  # noqa: TRY400 - that is the mistake
        os._exit(3)


orchestrator._start = discreet
