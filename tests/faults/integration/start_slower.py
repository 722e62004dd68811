"""A release computes at its start what the one before it read from a file: every deploy takes a second longer."""

import time

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app

__all__ = ["app"]

SECONDS = 0.8

verify = AgentWebSocketBridge.verify


async def verify_and_compute(self: AgentWebSocketBridge) -> None:
    """Verify, and compute on the event loop."""
    await verify(self)
    until = time.thread_time() + SECONDS
    while time.thread_time() < until:
        sum(range(1000))


AgentWebSocketBridge.verify = verify_and_compute
