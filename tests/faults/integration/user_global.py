"""The current user stood in a global: alone, everybody was right; together, they were whoever had asked last."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

submit, deliver = AgentWebSocketBridge.submit, AgentWebSocketBridge._deliver
current = {"user": ""}


async def remember(self: AgentWebSocketBridge, user_id: str, thread_id: str | None, agent: str, content: str) -> Run:
    """Keep who asks."""
    current["user"] = user_id
    return await submit(self, user_id, thread_id, agent, content)


async def as_current(self: AgentWebSocketBridge, user_id: str, about: str, frame: Mapping[str, Any]) -> None:
    """Say in a frame whose it is."""
    named = {**frame, "user_id": current["user"]} if "run_id" in frame and current["user"] else frame
    await deliver(self, user_id, about, named)


AgentWebSocketBridge.submit = remember
AgentWebSocketBridge._deliver = as_current
