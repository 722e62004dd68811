"""A run was taken out of the table as its user was told: of those who had left, runs stayed, and were too many."""

import asyncio

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app

__all__ = ["app"]

forget = AgentWebSocketBridge._forget


def forget_of_present(self: AgentWebSocketBridge, task: asyncio.Task[None]) -> None:
    """Forget the run if its user is there."""
    if self.manager.is_connected(self._runs[task].user_id):
        forget(self, task)


AgentWebSocketBridge._forget = forget_of_present
