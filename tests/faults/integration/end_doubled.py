"""The end of a run was told by the agent and by whoever waited for it: every answer stood on the screen twice."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def twice(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send the end once more."""
    await notify(self, run, kind, payload)
    if kind == "agent_completed":
        await notify(self, run, kind, payload)


AgentWebSocketBridge.notify = twice
