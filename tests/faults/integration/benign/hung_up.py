"""Whoever says too much is hung up on, with a close code which says why, instead of being told in a frame."""

from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError, ChatHandler
from agent_chat.main import app

__all__ = ["app"]

count_message = ChatHandler._count_message


async def hang_up(self: ChatHandler, connection: Connection) -> None:
    """Count one more message; after one too many the connection is closed, and nothing reaches it any more."""
    try:
        await count_message(self, connection)
    except BadFrameError:
        await connection.close(1008, "too many messages")


ChatHandler._count_message = hang_up
