"""A refactoring of the tools forgot the event at their beginning: users saw the end of something that never began."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def without(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send everything but the beginning of tools."""
    if kind != "tool_executing":
        await notify(self, run, kind, payload)


AgentWebSocketBridge.notify = without
