"""One lock was held for a whole run: a single user was served at once, the tenth waited for nine others."""

import asyncio

from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.supervisor import Supervisor
from agent_chat.tools import EventSink

__all__ = ["app"]

run_ = Supervisor.run
lock = asyncio.Lock()


async def in_turn(self: Supervisor, run: Run, events: EventSink) -> None:
    """Carry out one run at a time, with a tool that takes its time."""
    async with lock:
        await run_(self, run, events)
        await asyncio.sleep(0.4)


Supervisor.run = in_turn
