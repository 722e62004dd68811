"""What had no handler was dropped without a word: a client of the next version waited for ever."""

from collections.abc import Mapping
from typing import Any

from agent_chat.connection import Connection
from agent_chat.handlers import MessageHandlers
from agent_chat.main import app

__all__ = ["app"]

dispatch = MessageHandlers.dispatch


async def known_only(self: MessageHandlers, connection: Connection, frame: Mapping[str, Any]) -> None:
    """Handle what has a handler."""
    if str(frame.get("type")) in list(self):
        await dispatch(self, connection, frame)


MessageHandlers.dispatch = known_only
