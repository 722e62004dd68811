"""The first event waited for the first word of the model: users saw nothing for seconds, and asked again."""

import asyncio

from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.supervisor import Supervisor
from agent_chat.tools import EventSink

__all__ = ["app"]

run_ = Supervisor.run


async def late(self: Supervisor, run: Run, events: EventSink) -> None:
    """Begin late."""
    await asyncio.sleep(2.5)
    await run_(self, run, events)


Supervisor.run = late
