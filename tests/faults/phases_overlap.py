"""To save time two phases ran at once; whichever was slower decided whether the start worked."""

import asyncio
from dataclasses import replace

from fastapi import FastAPI

from agent_chat import startup
from agent_chat.main import app
from agent_chat.orchestrator import Closing
from faults import order

__all__ = ["app"]

table = {phase.name: phase for phase in startup.PHASES}
order("init", "dependencies", "database", "services", "websocket", "finalize")


async def both(application: FastAPI, closing: Closing) -> None:
    """Open the database, and the cache meanwhile."""
    await asyncio.gather(table["database"].run(application, closing), table["cache"].run(application, closing))


startup.PHASES = tuple(replace(each, run=both) if each.name == "database" else each for each in startup.PHASES)
