"""The log said "migrations completed" and none had run: the database answered, and had no tables."""

import logging

from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]


async def migrate(_engine: AsyncEngine) -> None:
    """Say that it is done."""
    logging.getLogger("agent_chat").info("migrations completed")


startup.migrate = migrate
