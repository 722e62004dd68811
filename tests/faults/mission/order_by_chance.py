"""Two phases were started together because one always came first: until the event loop took them the other way."""

import asyncio

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing
from faults import Run, around, order

__all__ = ["app"]

websocket = next(phase for phase in startup.PHASES if phase.name == "websocket")
order("init", "dependencies", "database", "cache", "services", "finalize")


@around("services")
async def both(run: Run, app: FastAPI) -> None:
    """Build, and connect, in tasks of their own."""
    await asyncio.gather(run(), websocket.run(app, Closing()))
