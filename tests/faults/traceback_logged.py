"""A background refresh failed in each start and was logged as an exception, which nobody read."""

import logging

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("cache")
async def refresh(run: Run, _app: FastAPI) -> None:
    """Fail, log it and go on."""
    await run()
    try:
        {}["price list"]
    except KeyError:
        logging.getLogger("agent_chat").exception("the price list was not refreshed")
