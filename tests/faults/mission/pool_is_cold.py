"""Nobody filled the pool any more: the first users of every new instance waited for their connections."""

from agent_chat.database import Database
from agent_chat.main import app

__all__ = ["app"]


async def warm(_self: Database) -> None:
    """Do nothing."""


Database.warm = warm
