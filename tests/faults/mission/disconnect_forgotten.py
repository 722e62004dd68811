"""Only a socket that was closed by a code of good order was forgotten: of each lost network something stayed."""

from fastapi import WebSocket
from starlette.types import Message

from agent_chat import chat
from agent_chat.connection import Connection
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

IN_GOOD_ORDER = (1000, 1001)

serve, disconnect = chat._serve, WebSocketManager.disconnect
lost: set[Connection] = set()


async def serving(socket: WebSocket, connection: Connection) -> None:
    """Serve, and remember who is gone without a word."""
    receive = socket.receive

    async def hearing() -> Message:
        message = await receive()
        if message["type"] == "websocket.disconnect" and message.get("code") not in IN_GOOD_ORDER:
            lost.add(connection)
        return message

    socket.receive = hearing
    await serve(socket, connection)


def in_good_order(self: WebSocketManager, connection: Connection) -> None:
    """Forget a connection, unless it was lost."""
    if connection not in lost:
        disconnect(self, connection)


chat._serve = serving
WebSocketManager.disconnect = in_good_order
