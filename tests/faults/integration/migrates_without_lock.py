"""Each instance migrated for itself: two which started at the same moment both made the tables, and one crashed."""

from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import migrations, startup
from agent_chat.main import app

__all__ = ["app"]


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade, whoever else does."""
    async with engine.begin() as connection:
        await connection.run_sync(migrations._upgrade)


startup.migrate = migrate
