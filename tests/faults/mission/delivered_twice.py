"""The event was sent by the bridge and once more by the manager's queue: users read everything twice."""

from agent_chat.main import app
from agent_chat.sockets import Connection, Frame

__all__ = ["app"]

send = Connection.send


async def twice(self: Connection, frame: Frame) -> bool:
    """Send a notice, and send it again."""
    if frame.get("type") == "notice":
        await send(self, frame)
    return await send(self, frame)


Connection.send = twice
