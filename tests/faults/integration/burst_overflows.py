"""Frames went through a mailbox of ten which dropped what did not fit: of what came in one moment, much was lost."""

import asyncio
from contextlib import suppress

from starlette.types import Message
from starlette.websockets import WebSocket

from agent_chat import chat
from agent_chat.connection import Connection
from agent_chat.main import app

__all__ = ["app"]

ROOM = 10
serve = chat._serve


class Mailbox:
    """A socket whose frames wait for being taken, as many as there is room for."""

    def __init__(self, socket: WebSocket) -> None:
        self.app = socket.app
        self._socket = socket
        self._frames: asyncio.Queue[Message] = asyncio.Queue(ROOM)
        self._reader = asyncio.create_task(self._read())

    async def receive(self) -> Message:
        """Return the next frame, a moment later: it is looked at first."""
        message = await self._frames.get()
        await asyncio.sleep(0.002)
        return message

    async def _read(self) -> None:
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            with suppress(asyncio.QueueFull):
                self._frames.put_nowait(message)
        await self._frames.put(message)


async def by_mailbox(socket: WebSocket, connection: Connection) -> None:
    """Serve a connection out of a mailbox."""
    await serve(Mailbox(socket), connection)


chat._serve = by_mailbox
