"""The thread belonged to the connection: after each return the first question began a new one, without its history."""

from collections.abc import Mapping
from typing import Any
from weakref import WeakSet

from agent_chat.connection import Connection
from agent_chat.handlers import ChatHandler
from agent_chat.main import app

__all__ = ["app"]

start = ChatHandler._start
asked: WeakSet[Connection] = WeakSet()


async def start_anew(self: ChatHandler, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
    """Begin a thread with the first question on a connection."""
    anew = frame if connection in asked else {**frame, "thread_id": None}
    asked.add(connection)
    await start(self, connection, anew, agent)


ChatHandler._start = start_anew
