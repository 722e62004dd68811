"""The startup runs in the background: whatever fails there leaves the process up, not ready, to be replaced."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.logs import configure_logging
from agent_chat.main import app
from agent_chat.orchestrator import StartupError, started

__all__ = ["app"]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Serve first, start meanwhile, stop both."""
    configure_logging("INFO")
    stopping = asyncio.Event()

    async def run() -> None:
        try:
            async with started(app, startup.PHASES):
                await stopping.wait()
        except StartupError as error:
            logging.getLogger("agent_chat").error("not ready for ever: %s", error)  # noqa: TRY400 - it names all

    starting = asyncio.create_task(run(), name="startup")
    yield
    stopping.set()
    await starting


app.router.lifespan_context = lifespan
