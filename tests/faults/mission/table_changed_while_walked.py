"""Whoever came was told to all others, out of the table which changed meanwhile: newcomers were thrown out again."""

import asyncio

from agent_chat.connection import Connection, Transport
from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

connect, disconnect = WebSocketManager.connect, WebSocketManager.disconnect
there: dict[Connection, str] = {}


async def greeting(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
) -> Connection:
    """Connect, and look at everybody who is there, one after another."""
    connection = await connect(self, user_id, transport, tier=tier, after=after)
    there[connection] = user_id
    for _ in there.values():
        await asyncio.sleep(0.002)
    return connection


def leaving(self: WebSocketManager, connection: Connection) -> None:
    """Disconnect."""
    there.pop(connection, None)
    disconnect(self, connection)


WebSocketManager.connect, WebSocketManager.disconnect = greeting, leaving
