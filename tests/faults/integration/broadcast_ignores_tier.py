"""The tier of a broadcast was lost on the way to the manager: an offer for paying customers went to everybody."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

broadcast = WebSocketManager.broadcast


async def to_all(self: WebSocketManager, frame: Frame, tier: str | None = None) -> int:
    """Send a frame to everybody."""
    del tier
    return await broadcast(self, frame)


WebSocketManager.broadcast = to_all
