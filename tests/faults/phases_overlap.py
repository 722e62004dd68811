"""To save time two phases ran at once; whichever was slower decided whether the start worked."""

import asyncio

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing
from faults import Run, around, order

__all__ = ["app"]

cache = next(phase for phase in startup.PHASES if phase.name == "cache")
order("init", "dependencies", "database", "services", "websocket", "finalize")


@around("database")
async def both(run: Run, app: FastAPI) -> None:
    """Open the cache meanwhile."""
    await asyncio.gather(run(), cache.run(app, Closing()))
