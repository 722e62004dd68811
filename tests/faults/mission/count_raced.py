"""The number of connections was read before an await and written after it: under load some were never counted."""

import asyncio

from agent_chat.connection import Connection, Transport
from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

connect, disconnect = WebSocketManager.connect, WebSocketManager.disconnect
total = [0]


async def counting(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
) -> Connection:
    """Connect, and write one more than there were before."""
    before = total[0]
    await asyncio.sleep(0.005)  # somebody else is asked
    connection = await connect(self, user_id, transport, tier=tier, after=after)
    total[0] = before + 1
    return connection


def counting_back(self: WebSocketManager, connection: Connection) -> None:
    """Disconnect, and count one less."""
    total[0] -= 1
    disconnect(self, connection)


WebSocketManager.connect, WebSocketManager.disconnect = counting, counting_back
WebSocketManager.__len__ = lambda _: max(0, total[0])
