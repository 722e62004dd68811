"""Forty connections were opened at once as soon as the database was back, "to catch up": it went down again."""

import asyncio
import os

import asyncpg

from agent_chat.database import Database
from agent_chat.main import app

__all__ = ["app"]

CONNECTIONS = 40
warm = Database.warm


async def catch_up(database: Database) -> None:
    """Fill the pool, and open some more for a moment."""
    await warm(database)
    url = os.environ["DATABASE_URL"].replace("+asyncpg", "")
    extra = await asyncio.gather(*(asyncpg.connect(url) for _ in range(CONNECTIONS)))
    await asyncio.gather(*(connection.close() for connection in extra))


Database.warm = catch_up
