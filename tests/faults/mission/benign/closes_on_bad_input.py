"""Another way to refuse a message: the socket is closed, cleanly, and the code says why."""

from fastapi import WebSocket

from agent_chat import chat
from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError
from agent_chat.main import app

__all__ = ["app"]

UNSUPPORTED_DATA = 1003


async def serve(socket: WebSocket, connection: Connection) -> None:
    """Take messages up to the first bad one."""
    while (message := await socket.receive())["type"] != "websocket.disconnect":
        connection.hear()
        try:
            await socket.app.state.handlers.dispatch(connection, chat._parse(message))
        except BadFrameError as error:
            await connection.close(UNSUPPORTED_DATA, error.code)
            return


chat._serve = serve
