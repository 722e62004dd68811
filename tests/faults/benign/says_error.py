"""The word "error", and its relatives, in lines that tell of none."""

import logging

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def talk(run: Run, _app: FastAPI) -> None:
    """Log what looks bad and is not."""
    await run()
    logger = logging.getLogger("agent_chat")
    logger.info("0 errors, 0 failures: error reporting is on; tracebacks are kept for 7 days")
    logger.warning("exception handlers registered: 3; handlers awaited: 0; ERROR budget: 99.9 %%")
