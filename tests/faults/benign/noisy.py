"""Ten thousand lines of log in one phase."""

import logging

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def talk(run: Run, _app: FastAPI) -> None:
    """Log every row of a table."""
    await run()
    logger = logging.getLogger("agent_chat")
    for row in range(10_000):
        logger.info("row %d of the price list is as it was", row)
