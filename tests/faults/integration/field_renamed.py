"""The state of a tool was renamed in the code, and clients read the old field: every tool looked as if it hung."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def renamed(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send the state of a tool under another name."""
    fields = {"state" if name == "status" else name: value for name, value in payload.items()}
    await notify(self, run, kind, fields)


AgentWebSocketBridge.notify = renamed
