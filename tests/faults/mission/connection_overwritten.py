"""Connections were kept in a table by user: whoever opened a second tab took the place of the first one."""

from agent_chat.connection import Connection, Transport
from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.users import UserManager

__all__ = ["app"]

connect = UserManager.connect


async def alone(self: UserManager, transport: Transport, *, tier: str = FREE, after: int | None = None) -> Connection:
    """Keep the latest connection only."""
    connection = await connect(self, transport, tier=tier, after=after)
    self.connections.clear()
    self.connections.add(connection)
    return connection


UserManager.connect = alone
