"""What was too much was dropped without a word: users waited for answers to messages that nobody had taken."""

from collections.abc import Mapping
from typing import Any

from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError, ChatHandler
from agent_chat.main import app

__all__ = ["app"]

start = ChatHandler._start


async def silently(self: ChatHandler, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
    """Start a run, or do nothing."""
    try:
        await start(self, connection, frame, agent)
    except BadFrameError as error:
        if error.code != "rate_limited":
            raise


ChatHandler._start = silently
