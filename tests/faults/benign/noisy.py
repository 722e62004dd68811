"""Ten thousand lines of log in one phase."""

import asyncio
import logging

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def talk(run: Run, _app: FastAPI) -> None:
    """Log every row of ten tables."""
    await run()
    logger = logging.getLogger("agent_chat")
    for table in range(10):
        for row in range(1000):
            logger.info("row %d of the price list %d is as it was", row, table)
        await asyncio.sleep(0)
