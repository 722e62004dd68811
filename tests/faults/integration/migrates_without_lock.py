"""Each instance migrated for itself: two which started at the same moment both made the tables, and one crashed."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import migrations, startup
from agent_chat.main import app

__all__ = ["app"]


SECONDS = 1.0
"""What a migration takes on tables with something in them."""


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade, whoever else does."""
    async with engine.begin() as connection:
        await connection.run_sync(migrations._upgrade)
        await asyncio.sleep(SECONDS)


startup.migrate = migrate
