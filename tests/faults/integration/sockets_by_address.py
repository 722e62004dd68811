"""Connections were kept by the address of the client: behind one proxy, everybody read everything."""

from agent_chat.main import app
from agent_chat.sockets import Frame, WebSocketManager

__all__ = ["app"]


async def to_the_address(self: WebSocketManager, user_id: str, frame: Frame) -> int:
    """Send to all who come from where the user comes from."""
    if not self.is_connected(user_id):
        return 0
    return sum([await connection.send(frame) for connection in self])


WebSocketManager.send = to_the_address
