"""A broadcast went from one connection to the next: a phone that took nothing any more held up all behind it."""

from agent_chat import sockets
from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]


async def in_turn(self: WebSocketManager, frame: Frame, tier: str | None = None) -> int:
    """Send a frame to one user after the other."""
    return sum([await sockets._broadcast_to(user, frame, tier) for user in self.users])


WebSocketManager.broadcast = in_turn
