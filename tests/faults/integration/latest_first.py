"""Whoever asked first was served last: while others chatted, one user looked at an empty screen."""

import asyncio
import time
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
turn_at = 0.0


async def by_luck(self: Supervisor, run: Run, events: EventSink) -> None:
    """Let the first of several wait until all others are done."""
    comes_first = not under_way
    under_way.add(run.id)
    try:
        if comes_first:
            await asyncio.sleep(0.6)  # in which the others have come, however busy everything is
            while len(under_way) > 1:  # noqa: ASYNC110 - it looks, and does not listen
                await asyncio.sleep(0.01)
        await run_(self, run, events)
    finally:
        under_way.discard(run.id)


async def one_by_one(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send what comes after the first event in turn: it takes long, and there is always one who is sent something."""
    global turn_at  # noqa: PLW0603 (there is one queue)
    if kind not in {"agent_started", "bridge_check"}:
        turn_at = max(turn_at + 0.06, time.monotonic())
        await asyncio.sleep(turn_at - time.monotonic())
    await notify(self, run, kind, payload)


Supervisor.run = by_luck
AgentWebSocketBridge.notify = one_by_one
