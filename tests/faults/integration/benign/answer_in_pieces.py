"""The answer comes in pieces before it comes as a whole; and nothing is thought about that is known."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def in_pieces(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send the words of an answer one by one, and no word of thinking."""
    if kind == "agent_thinking":
        return
    for word in str(payload.get("answer", "")).split():
        await notify(self, run, "text_delta", {"text": word})
    await notify(self, run, kind, payload)


AgentWebSocketBridge.notify = in_pieces
