"""A dead connection was forgotten when its peer confirmed the end: until then it counted, and took a place."""

import asyncio

from agent_chat.connection import Connection
from agent_chat.heartbeat import GOING_AWAY, Heartbeat
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

disconnect = WebSocketManager.disconnect
dropped: set[Connection] = set()


async def close(connection: Connection, reason: str) -> None:
    """Close a connection, and forget it once its peer has said goodbye as well."""
    dropped.add(connection)
    await connection.close(GOING_AWAY, reason)


def drop(self: Heartbeat, connection: Connection, reason: str) -> None:
    """Have it closed, once."""
    if connection not in dropped:
        task = asyncio.create_task(close(connection, reason), name="no heartbeat")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def once_confirmed(self: WebSocketManager, connection: Connection) -> None:
    """Forget a connection, unless its peer still has to confirm its end."""
    if connection not in dropped:
        disconnect(self, connection)


Heartbeat._drop, WebSocketManager.disconnect = drop, once_confirmed
