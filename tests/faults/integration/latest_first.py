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
under_way: set[str] = set()


async def by_luck(self: Supervisor, run: Run, events: EventSink) -> None:
    """Let the first of several wait until all others are done; these begin one after the other."""
    under_way.add(run.id)
    number = len(under_way)
    try:
        await asyncio.sleep(0.04 * number)
        while number == 1 and len(under_way) > 1:  # noqa: ASYNC110 - it looks, and does not listen
            await asyncio.sleep(0.01)
        await run_(self, run, events)
    finally:
        under_way.discard(run.id)


async def slowly(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send an event, and think for a while."""
    await notify(self, run, kind, payload)
    if kind not in {"agent_completed", "bridge_check"}:
        await asyncio.sleep(0.4)


Supervisor.run = by_luck
AgentWebSocketBridge.notify = slowly
