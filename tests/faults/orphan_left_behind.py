"""A worker was started with a clean environment and a session of its own: nobody knew it when its parent had gone."""

import subprocess

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def start_worker(run: Run, _app: FastAPI) -> None:
    """Start a process that cuts all ties; it ends by itself after a while."""
    await run()
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen(["/bin/sleep", "20"], env={}, start_new_session=True, **quiet)  # noqa: ASYNC220
