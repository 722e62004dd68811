"""The greeting went with an old protocol: clients waited for it, and never asked anything."""

from typing import Any

from fastapi import WebSocket

from agent_chat import chat
from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError, MessageHandlers
from agent_chat.main import app

__all__ = ["app"]

serve, dispatch = chat._serve, MessageHandlers.dispatch


async def greet(socket: WebSocket, connection: Connection) -> None:
    """Say nothing."""
    await serve(socket, connection)


async def resume(self: MessageHandlers, connection: Connection, frame: dict[str, Any]) -> None:
    """Take the session, which everybody must name before they ask."""
    if frame.get("type") != "resume":
        await dispatch(self, connection, frame)
    elif frame.get("session") != f"session-{connection.user_id}":
        raise BadFrameError("unknown_session", "there is no such session")


chat._serve = greet
MessageHandlers.dispatch = resume
