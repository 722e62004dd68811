"""The cache was opened one second after the database, "which never takes longer": until it was busy."""

import asyncio

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing
from faults import Run, around, order

__all__ = ["app"]

PATIENCE = 1.5

cache = next(phase for phase in startup.PHASES if phase.name == "cache")
order("init", "dependencies", "database", "services", "websocket", "finalize")


@around("database")
async def both(run: Run, app: FastAPI) -> None:
    """Open the cache a while later, whatever has become of the database."""
    opening = asyncio.create_task(run())
    await asyncio.sleep(PATIENCE)
    await cache.run(app, Closing())
    await opening
