"""Messages were received as text: the first binary one ended the socket with an error of the server."""

from fastapi import WebSocket
from starlette.types import Message

from agent_chat import chat
from agent_chat.connection import Connection
from agent_chat.main import app

__all__ = ["app"]

serve = chat._serve


async def of_text(socket: WebSocket, connection: Connection) -> None:
    """Take text, and nothing else."""
    receive = socket.receive

    async def hearing() -> Message:
        message = await receive()
        return message if message["type"] == "websocket.disconnect" else {**message, "text": message["text"]}

    socket.receive = hearing
    await serve(socket, connection)


chat._serve = of_text
