"""A number became a text on its way through a cache: what clients added up became one long word."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.store import Run

__all__ = ["app"]

notify = AgentWebSocketBridge.notify


async def as_texts(self: AgentWebSocketBridge, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
    """Send numbers as texts."""
    texts = {name: str(value) if isinstance(value, int) else value for name, value in payload.items()}
    await notify(self, run, kind, texts)


AgentWebSocketBridge.notify = as_texts
