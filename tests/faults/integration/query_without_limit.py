"""Queries had no time limit: while the database hung, every request that needed it waited for ever."""

from agent_chat import database
from agent_chat.main import app

__all__ = ["app"]

database.QUERY_SECONDS = None
