"""Whoever asked first was served last: while others chatted, one user looked at an empty screen."""

import asyncio

from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.supervisor import Supervisor
from agent_chat.tools import EventSink

__all__ = ["app"]

run_ = Supervisor.run
under_way: dict[str, bool] = {}


async def by_luck(self: Supervisor, run: Run, events: EventSink) -> None:
    """Let the first of several wait until all others are done; each of these takes its time."""
    await asyncio.sleep(0)
    unlucky = len(under_way) == 1
    under_way[run.id] = unlucky
    number = len(under_way)
    try:
        while unlucky and len(under_way) > 1:  # noqa: ASYNC110 - it looks, and does not listen
            await asyncio.sleep(0.01)
        await run_(self, run, events)
        await asyncio.sleep(0.15 * number)
    finally:
        del under_way[run.id]


Supervisor.run = by_luck
