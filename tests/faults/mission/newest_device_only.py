"""A user's sockets were kept by the user's name: with a laptop open, nothing came to the phone any more."""

from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.sockets import Connection, Frame, Transport, WebSocketManager

__all__ = ["app"]

connect, send = WebSocketManager.connect, WebSocketManager.send
newest: dict[str, Connection] = {}


async def remembering(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
) -> Connection:
    """Keep the latest connection of each user."""
    newest[user_id] = await connect(self, user_id, transport, tier=tier, after=after)
    return newest[user_id]


async def to_the_newest(self: WebSocketManager, user_id: str, frame: Frame) -> int:
    """Send to one connection of a user."""
    if not self.is_connected(user_id):
        return 0
    return int(await newest[user_id].send(frame))


WebSocketManager.connect, WebSocketManager.send = remembering, to_the_newest
