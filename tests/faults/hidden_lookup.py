"""Each start looked up the host of a licence server, and waited for it in networks without one."""

import contextlib
import socket

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("init")
async def look_up(run: Run, _app: FastAPI) -> None:
    """Ask for a name; only for a numeric one, so that the question does not leave this machine."""
    with contextlib.suppress(OSError):
        socket.getaddrinfo("licences.example.com", 443, flags=socket.AI_NUMERICHOST)
    await run()
