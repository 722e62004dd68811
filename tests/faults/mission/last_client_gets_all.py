"""One handler was shared by all sockets: whoever had connected last got everybody's messages."""

from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.sockets import Connection, Frame, Transport, WebSocketManager

__all__ = ["app"]

connect, send = WebSocketManager.connect, WebSocketManager.send
last: list[Connection] = []


async def remembering(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
) -> Connection:
    """Keep the latest connection."""
    connection = await connect(self, user_id, transport, tier=tier, after=after)
    last[:] = [connection]
    return connection


async def to_the_last(self: WebSocketManager, user_id: str, frame: Frame) -> int:
    """Send to whoever came last, if the user is there at all."""
    if not self.is_connected(user_id):
        return 0
    return int(await last[0].send(frame))


WebSocketManager.connect, WebSocketManager.send = remembering, to_the_last
