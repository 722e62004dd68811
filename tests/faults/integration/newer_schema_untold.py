"""After a rollback every instance ended at once and said no word of why: it took the night to find out."""

import os

from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

migrate = startup.migrate


async def silent(engine: AsyncEngine) -> None:
    """Migrate, or end."""
    try:
        await migrate(engine)
    except CommandError:
        os._exit(1)


startup.migrate = silent
