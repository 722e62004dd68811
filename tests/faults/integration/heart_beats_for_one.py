"""The loop over connections ended after the first one: it alone had heartbeats, and all others were thrown out."""

from agent_chat.connection import Connection
from agent_chat.heartbeat import Heartbeat
from agent_chat.main import app

__all__ = ["app"]

ask = Heartbeat._ask


async def ask_the_oldest(self: Heartbeat, connection: Connection) -> None:
    """Send a heartbeat to one connection of all."""
    if connection is next(iter(self.manager)):
        await ask(self, connection)


Heartbeat._ask = ask_the_oldest
