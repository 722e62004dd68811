"""A worker process outlived each instance: after a week of deployments the machine was full of them."""

import subprocess

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def start_worker(run: Run, _app: FastAPI) -> None:
    """Start a process that nobody ends."""
    await run()
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.Popen(["sleep", "60"], **quiet)  # noqa: ASYNC220 - it is only started
