"""Answers were sent by tasks of their own, each after what it had to look up: they came in any order."""

import asyncio
from collections.abc import Mapping
from typing import Any

from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError, ChatHandler
from agent_chat.main import app

__all__ = ["app"]

LONG_SECONDS = 0.05
start = ChatHandler._start
answers: set[asyncio.Task[None]] = set()


async def answer(connection: Connection, error: BadFrameError, seconds: float) -> None:
    """Say what was wrong, after a while."""
    await asyncio.sleep(seconds)
    await connection.send({"type": "error", "code": error.code, "message": str(error), **error.details})


async def told_later(self: ChatHandler, connection: Connection, frame: Mapping[str, Any], agent: str) -> None:
    """Start a run, and go on without waiting for the answer to be sent."""
    try:
        await start(self, connection, frame, agent)
    except BadFrameError as error:
        task = asyncio.create_task(answer(connection, error, 0.0 if len(answers) % 2 else LONG_SECONDS))
        answers.add(task)
        task.add_done_callback(answers.discard)


ChatHandler._start = told_later
