"""Everybody was told of whoever connected, in a loop over a set that grew meanwhile: many at once broke one another."""

import asyncio

from agent_chat.connection import Connection, Transport
from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

connect, disconnect = WebSocketManager.connect, WebSocketManager.disconnect
online: set[str] = set()


async def connect_and_tell(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
) -> Connection:
    """Connect, and tell the others."""
    for _ in online:
        await asyncio.sleep(0.01)
    online.add(user_id)
    return await connect(self, user_id, transport, tier=tier, after=after)


def disconnect_and_forget(self: WebSocketManager, connection: Connection) -> None:
    """Forget a connection."""
    online.discard(connection.user_id)
    disconnect(self, connection)


WebSocketManager.connect = connect_and_tell
WebSocketManager.disconnect = disconnect_and_forget
