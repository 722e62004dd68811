"""Whoever came back was served under one lock for all: after a restart of the proxy the last ones waited for long."""

import asyncio

from agent_chat.connection import Connection, Transport
from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

connect = WebSocketManager.connect
lock = asyncio.Lock()


async def connect_in_turn(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
) -> Connection:
    """Connect one after the other; each is looked up for a while."""
    async with lock:
        await asyncio.sleep(0.4)
        return await connect(self, user_id, transport, tier=tier, after=after)


WebSocketManager.connect = connect_in_turn
