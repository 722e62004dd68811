"""The result of a tool waited for a connection that was not needed: users saw a spinner, and the turn was in time."""

import asyncio
from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def late(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send the result of a tool late."""
    if kind == "tool_completed":
        await asyncio.sleep(2.5)
    await notify(self, run, kind, payload)


AgentWebSocketBridge.notify = late
