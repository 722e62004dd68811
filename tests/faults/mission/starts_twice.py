"""The lock around the start was lost in a refactoring: two callers at once opened everything twice."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from agent_chat import orchestrator, startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing, Phase, startup_of

__all__ = ["app"]


@asynccontextmanager
async def started(app: FastAPI, phases: Sequence[Phase]) -> AsyncIterator[None]:
    """Start, unless it has been done."""
    closing = Closing()
    if not startup_of(app).complete:
        await orchestrator._start(app, phases, closing)
    try:
        yield
    finally:
        await orchestrator._stop(startup_of(app), closing)


startup.started = started
