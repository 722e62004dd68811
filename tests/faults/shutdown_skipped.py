"""A handler of its own ended the process at once and with success: requests were cut and connections left open."""

import os
import signal

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("init")
async def take_signals(run: Run, _app: FastAPI) -> None:
    """Be gone as soon as somebody asks for it."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    await run()
