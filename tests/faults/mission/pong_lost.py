"""Heartbeats were taken and not answered: clients gave their connections up, and came back for ever."""

from collections.abc import Mapping
from typing import Any

from agent_chat import handlers
from agent_chat.main import app
from agent_chat.sockets import Connection

__all__ = ["app"]


async def nothing(_connection: Connection, _frame: Mapping[str, Any]) -> None:
    """Take a heartbeat."""


handlers.ping = nothing
