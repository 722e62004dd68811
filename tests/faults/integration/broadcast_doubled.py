"""Broadcasts went out directly and by the channel of all instances as well: everybody had them twice."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

broadcast = WebSocketManager.broadcast


async def twice(self: WebSocketManager, frame: Frame, tier: str | None = None) -> int:
    """Send a frame by both ways."""
    await broadcast(self, frame, tier)
    return await broadcast(self, frame, tier)


WebSocketManager.broadcast = twice
