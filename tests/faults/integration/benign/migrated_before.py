"""A step before the start migrates, and the application itself changes no table."""

from sqlalchemy.ext.asyncio import AsyncEngine

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]


async def migrate(_engine: AsyncEngine) -> None:
    """Do nothing."""


startup.migrate = migrate
