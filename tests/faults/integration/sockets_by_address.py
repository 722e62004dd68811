"""Connections were kept by the address of the client: behind one proxy, everybody read everything."""

from agent_chat.main import app
from agent_chat.sockets import Connection, Frame, WebSocketManager

__all__ = ["app"]


async def to_the_address(self: WebSocketManager, user_id: str, frame: Frame) -> int:
    """Send to all who come from where the user comes from."""
    if user_id not in self._connections:
        return 0
    everybody: list[Connection] = [each for group in list(self._connections.values()) for each in group]
    return sum([await connection.send(frame) for connection in everybody])


WebSocketManager.send = to_the_address
