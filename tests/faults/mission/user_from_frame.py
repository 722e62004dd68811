"""The handler believed the user_id in a frame: anybody could ask in the name of anybody."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from agent_chat.connection import Connection
from agent_chat.handlers import ChatHandler
from agent_chat.main import app

__all__ = ["app"]

start = ChatHandler._start


async def of_whoever(self: ChatHandler, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
    """Start a run of the user that the frame names."""
    named = SimpleNamespace(
        user_id=frame.get("user_id", connection.user_id), tier=connection.tier, send=connection.send
    )
    await start(self, named, frame, agent)


ChatHandler._start = of_whoever
