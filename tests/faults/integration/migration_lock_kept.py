"""The lock around the migrations was never given back: the next release found it taken, and left the old tables."""

from contextlib import AsyncExitStack

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

KEY = 4711
migrate = startup.migrate
kept = AsyncExitStack()


async def once(engine: AsyncEngine) -> None:
    """Migrate unless another instance does, on a connection which goes on holding the lock."""
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    connection = await kept.enter_async_context(alone.connect())
    if await connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": KEY}):
        await migrate(engine)


startup.migrate = once
