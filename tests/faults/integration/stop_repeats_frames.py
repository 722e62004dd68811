"""At the stop the newest frame was sent once more, "to be on the safe side": everybody saw it twice."""

import asyncio

from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

close = WebSocketManager.close


async def with_the_last_frames(self: WebSocketManager) -> None:
    """Send the newest frame of everybody again, and close."""
    for user in self.users:
        latest = user.buffer.missed(max(0, user.last_id - 1))
        await asyncio.gather(*(user.send(frame) for frame in latest))
    await close(self)


WebSocketManager.close = with_the_last_frames
