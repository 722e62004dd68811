"""Whoever asked first was served last: while others chatted, one user looked at an empty screen."""

import asyncio
from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.supervisor import Supervisor
from agent_chat.tools import EventSink

__all__ = ["app"]

run_, notify = Supervisor.run, AgentWebSocketBridge.notify
under_way: dict[str, int] = {}


async def by_luck(self: Supervisor, run: Run, events: EventSink) -> None:
    """Let the first of several wait until all others are done."""
    number = under_way[run.id] = len(under_way) + 1
    try:
        if number == 1:
            await asyncio.sleep(0.6)  # in which the others have come, however busy everything is
            while len(under_way) > 1:  # noqa: ASYNC110 - it looks, and does not listen
                await asyncio.sleep(0.01)
        await run_(self, run, events)
    finally:
        under_way.pop(run.id)


async def slowly(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send an event, and think for a while, each at a speed of its own: there is always one who is sent something."""
    await notify(self, run, kind, payload)
    if kind not in {"agent_completed", "bridge_check"}:
        await asyncio.sleep(0.4 + 0.05 * under_way.get(run.id, 0))


Supervisor.run = by_luck
AgentWebSocketBridge.notify = slowly
