"""The second instance asks again and again until the first has migrated, and gives the lock back in the end."""

import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import migrations, startup
from agent_chat.main import app

__all__ = ["app"]

KEY = {"key": 4711}


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade with a lock of the session."""
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    async with alone.connect() as connection:
        while not await connection.scalar(text("select pg_try_advisory_lock(:key)"), KEY):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        try:
            async with engine.begin() as upgrading:
                await upgrading.run_sync(migrations._upgrade)
        finally:
            await connection.execute(text("select pg_advisory_unlock(:key)"), KEY)


startup.migrate = migrate
