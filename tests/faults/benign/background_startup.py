"""The port opens at once and answers 503 until the startup, which runs in a task, is complete."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.logs import configure_logging
from agent_chat.main import app
from agent_chat.orchestrator import started

__all__ = ["app"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Serve first, start meanwhile, stop both."""
    configure_logging("INFO")
    stopping = asyncio.Event()

    async def run() -> None:
        async with started(app, startup.PHASES):
            await stopping.wait()

    starting = asyncio.create_task(run(), name="startup")
    yield
    stopping.set()
    await starting


app.router.lifespan_context = lifespan
