"""Before it answers a heartbeat, it says how late it is: clients pass over what they do not know."""

from collections.abc import Mapping
from typing import Any

from agent_chat import handlers
from agent_chat.main import app
from agent_chat.sockets import Connection

__all__ = ["app"]

ping = handlers.ping


async def with_lag(connection: Connection, frame: Mapping[str, Any]) -> None:
    """Send another frame before the answer."""
    await connection.send({"type": "lag", "seconds": 0.0})
    await ping(connection, frame)


handlers.ping = with_lag
