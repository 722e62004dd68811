"""Each frame had a task of its own: what was said in one go was done in any order, the second half before the first."""

import asyncio
from collections.abc import Mapping
from typing import Any

from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError, ChatHandler
from agent_chat.main import app

__all__ = ["app"]

start = ChatHandler._start
turns: set[asyncio.Task[None]] = set()


async def later(self: ChatHandler, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
    """Start a run, whenever its turn comes."""
    try:
        await start(self, connection, frame, agent)
    except BadFrameError as error:
        await asyncio.sleep(0.05 if len(turns) % 2 else 0.0)
        await connection.send({"type": "error", "code": error.code, "message": str(error), **error.details})


async def at_once(self: ChatHandler, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
    """Go on without waiting."""
    task = asyncio.create_task(later(self, connection, frame, agent))
    turns.add(task)
    task.add_done_callback(turns.discard)


ChatHandler._start = at_once
