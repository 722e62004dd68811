"""The transaction of a clean-up at the start was never committed: its lock stopped every report on the table."""

from contextlib import AsyncExitStack

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

migrate = startup.migrate
kept = AsyncExitStack()


async def tidy(engine: AsyncEngine) -> None:
    """Migrate, then begin to clean up."""
    await migrate(engine)
    connection = await kept.enter_async_context(engine.connect())
    await connection.execute(text("lock table threads in access exclusive mode"))


startup.migrate = tidy
