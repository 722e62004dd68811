"""After a rename everybody had the limit of the free tier: those who paid for more were told to slow down."""

from agent_chat.connection import Connection
from agent_chat.handlers import ChatHandler
from agent_chat.limits import FREE
from agent_chat.main import app

__all__ = ["app"]

count_message = ChatHandler._count_message


async def as_free(self: ChatHandler, connection: Connection) -> None:
    """Count one more message, by the only limit that is left."""
    self._limiters = {FREE: self._limiters[FREE]}
    await count_message(self, connection)


ChatHandler._count_message = as_free
