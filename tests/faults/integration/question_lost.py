"""A message that came while another one was taken was thrown away: alone nobody ever saw it."""

from collections.abc import Mapping
from typing import Any

from agent_chat.handlers import MessageHandlers
from agent_chat.main import app
from agent_chat.sockets import Connection

__all__ = ["app"]

dispatch = MessageHandlers.dispatch
busy: list[Connection] = []


async def one_at_a_time(self: MessageHandlers, connection: Connection, frame: Mapping[str, Any]) -> None:
    """Take a message, unless another one is being taken."""
    if busy:
        return
    busy.append(connection)
    try:
        await dispatch(self, connection, frame)
    finally:
        busy.clear()


MessageHandlers.dispatch = one_at_a_time
