"""Each start kept its log file open, and a buffer for it: after some hot reloads the worker was out of memory."""

import os

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]

kept = []


@around("init")
async def keep(run: Run, _app: FastAPI) -> None:
    """Open a file, and never close it."""
    await run()
    kept.append((os.open(__file__, os.O_RDONLY), bytearray(16 << 20)))
