"""Every frame was written to disk, with fsync, before it was answered: 300 ms in which the one loop served nobody."""

import time

from agent_chat import handlers
from agent_chat.connection import Connection
from agent_chat.main import app

__all__ = ["app"]

ping = handlers.ping


async def written_first(connection: Connection, frame: object) -> None:
    """Wait for the disk, and answer."""
    time.sleep(0.3)  # noqa: ASYNC251 - this is the fault
    await ping(connection, frame)


handlers.ping = written_first
