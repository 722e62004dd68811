"""The self-check of the bridge waited a fixed time for an answer that had long been there."""

import asyncio

from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app

__all__ = ["app"]

verify = AgentWebSocketBridge.verify


async def verify_slowly(self: AgentWebSocketBridge) -> None:
    """Verify, then wait."""
    await verify(self)
    await asyncio.sleep(1.2)


AgentWebSocketBridge.verify = verify_slowly
