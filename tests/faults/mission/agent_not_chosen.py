"""A table of handlers was shortened: whichever agent a user started, the assistant answered."""

from collections.abc import Mapping
from typing import Any

from agent_chat.connection import Connection
from agent_chat.handlers import ChatHandler
from agent_chat.main import app

__all__ = ["app"]


async def start_agent(self: ChatHandler, connection: Connection, frame: Mapping[str, Any]) -> None:
    """Start the usual agent."""
    await self.user_message(connection, frame)


ChatHandler.start_agent = start_agent
