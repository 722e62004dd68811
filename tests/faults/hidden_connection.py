"""A metrics client connected to an agent that exists on developers' machines only."""

import contextlib
import socket

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("init")
async def report_home(run: Run, _app: FastAPI) -> None:
    """Try the discard port, where nobody listens."""
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), 0.2).close()
    await run()
