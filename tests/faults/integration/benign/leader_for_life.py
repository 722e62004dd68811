"""One of the instances is the leader as long as it is up, and holds an advisory lock for that."""

from contextlib import AsyncExitStack

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

migrate = startup.migrate
led = AsyncExitStack()


async def lead(engine: AsyncEngine) -> None:
    """Migrate, then stand for leader."""
    await migrate(engine)
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    connection = await led.enter_async_context(alone.connect())
    await connection.scalar(text("select pg_try_advisory_lock(8)"))


startup.migrate = lead
