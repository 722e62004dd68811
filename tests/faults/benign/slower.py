"""A phase that takes its time, within its limit."""

import asyncio

from agent_chat.database import Database
from agent_chat.main import app

__all__ = ["app"]

warm = Database.warm


async def warm_slowly(self: Database) -> None:
    """Take a second more."""
    await asyncio.sleep(1.0)
    await warm(self)


Database.warm = warm_slowly
