"""Nobody caught what a bad message raised: one typo of a client, and its user was offline."""

from fastapi import WebSocket

from agent_chat import chat
from agent_chat.connection import Connection
from agent_chat.main import app

__all__ = ["app"]


async def serve(socket: WebSocket, connection: Connection) -> None:
    """Take messages, all of them good."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        connection.hear()
        await socket.app.state.handlers.dispatch(connection, chat._parse(message))


chat._serve = serve
