"""Every start made its index anew, without a name: after a month of deploys the table had two hundred of them."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

migrate = startup.migrate


async def indexed(engine: AsyncEngine) -> None:
    """Migrate, then make sure of an index."""
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(text("create index on messages (role)"))


startup.migrate = indexed
