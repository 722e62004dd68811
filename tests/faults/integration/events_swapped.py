"""The first event was sent by a task of its own, and came after the second one: the screen jumped back to the start."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify
kept: dict[str, Mapping[str, Any]] = {}


async def later(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send the first event when the second one has been sent."""
    if kind == "agent_started":
        kept[run.id] = payload
        return
    await notify(self, run, kind, payload)
    if run.id in kept:
        await notify(self, run, "agent_started", kept.pop(run.id))


AgentWebSocketBridge.notify = later
