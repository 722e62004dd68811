"""Heartbeats and notices come at any time, also in the middle of a turn."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def with_heartbeats(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send a heartbeat before each event, and a notice after it; but none to the bridge's check of itself."""
    if kind == "bridge_check":
        await notify(self, run, kind, payload)
        return
    await self.manager.send(run.user_id, {"type": "pong"})
    await notify(self, run, kind, payload)
    await self.announce(run.user_id, "somebody has joined")


AgentWebSocketBridge.notify = with_heartbeats
