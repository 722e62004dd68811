"""Frames have more in them than is promised, in another order; and a heartbeat comes in between."""

from typing import Any

from agent_chat.connection import Connection
from agent_chat.frames import Frame, heartbeat
from agent_chat.main import app

__all__ = ["app"]

send = Connection.send


def fuller(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return an object with its keys the other way round, and one more."""
    if not isinstance(value, dict):
        return value
    return {"x_trace": {"span": 1}, **{name: fuller(item) for name, item in reversed(value.items())}}


async def more(self: Connection, frame: Frame) -> bool:
    """Send a heartbeat, and the frame with more in it; but none to the bridge's check of itself."""
    if frame["type"] == "bridge_check":
        return await send(self, frame)
    return await send(self, heartbeat()) and await send(self, fuller(dict(frame)))


Connection.send = more
