"""A thread of its own, as samplers and exporters have, and a child process which ends with the application."""

import subprocess
import threading

from fastapi import FastAPI

from agent_chat.main import app
from agent_chat.orchestrator import Closing
from faults import Run, around

__all__ = ["app"]

close = Closing.close


@around("services")
async def start_helpers(run: Run, app: FastAPI) -> None:
    """Start both."""
    await run()
    threading.Thread(target=threading.Event().wait, name="sampler", daemon=True).start()
    app.state.child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: ASYNC220


async def close_all(self: Closing) -> None:
    """End the child first."""
    app.state.child.communicate()
    await close(self)


Closing.close = close_all
