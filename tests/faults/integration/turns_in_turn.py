"""One worker prepared the turns of all users: at noon the median was fine, and one in ten waited for half a minute."""

import asyncio

from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.supervisor import Supervisor
from agent_chat.tools import EventSink

__all__ = ["app"]

run_ = Supervisor.run
lock = asyncio.Lock()


async def prepared(self: Supervisor, run: Run, events: EventSink) -> None:
    """Prepare one run at a time."""
    async with lock:
        await asyncio.sleep(0.3)
    await run_(self, run, events)


Supervisor.run = prepared
