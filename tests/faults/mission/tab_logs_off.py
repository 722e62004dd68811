"""Whoever closed one tab was logged off in all of them: their other sockets stayed, and nothing came any more."""

from agent_chat.connection import Connection
from agent_chat.main import app
from agent_chat.users import UserManager

__all__ = ["app"]


def disconnect(self: UserManager, _connection: Connection) -> None:
    """Forget all connections of the user."""
    self.connections.clear()


UserManager.disconnect = disconnect
