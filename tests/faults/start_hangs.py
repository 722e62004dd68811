"""The lock of the startup was taken twice by one task: no phase began, and no error came."""

from fastapi import FastAPI

from agent_chat import orchestrator
from agent_chat.main import app
from agent_chat.orchestrator import Closing, Phase, startup_of

__all__ = ["app"]

start = orchestrator._start


async def locked(app: FastAPI, phases: list[Phase], closing: Closing) -> None:
    """Take the lock which the caller holds."""
    async with startup_of(app).lock:
        await start(app, phases, closing)


orchestrator._start = locked
