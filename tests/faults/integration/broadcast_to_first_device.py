"""A broadcast was sent by user, to one connection of each: whoever had two windows saw it in one."""

from agent_chat.connection import Connection
from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.users import UserManager

__all__ = ["app"]


async def to_one(self: UserManager, frame: Frame, tier: str | None = None) -> int:
    """Send a frame to the newest connection of a user."""
    newest: list[Connection] = sorted(self.connections_of(tier), key=lambda each: each.heard)[-1:]
    return sum([await connection.send(frame) for connection in newest])


UserManager.send = to_one
