"""The shutdown waited for a connection that the other side had lost."""

import asyncio

from agent_chat.main import app
from agent_chat.orchestrator import Closing

__all__ = ["app"]


async def close(_self: Closing) -> None:
    """Wait for ever."""
    await asyncio.Event().wait()


Closing.close = close
