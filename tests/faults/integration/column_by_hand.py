"""A column was made by hand in production: the next migration that was generated from the models dropped it."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

migrate = startup.migrate


async def altered(engine: AsyncEngine) -> None:
    """Migrate, then add what no model knows."""
    await migrate(engine)
    async with engine.begin() as connection:
        await connection.execute(text("alter table users add column if not exists plan text"))


startup.migrate = altered
