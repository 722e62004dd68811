"""A connection which had read something at the start was never committed: vacuum stood still for a week."""

from contextlib import AsyncExitStack

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

migrate = startup.migrate
kept = AsyncExitStack()


async def reads(engine: AsyncEngine) -> None:
    """Migrate, then look how many users there are."""
    await migrate(engine)
    connection = await kept.enter_async_context(engine.connect())
    await connection.scalar(text("select count(*) from users"))


startup.migrate = reads
