"""A frame went to the next device of a user once the last one had shown a sign of life: a dead phone held up all."""

import asyncio

from agent_chat import users
from agent_chat.connection import Connection
from agent_chat.frames import Frame
from agent_chat.main import app

__all__ = ["app"]


async def in_turn(connections: list[Connection], frame: Frame) -> int:
    """Send to whoever has been silent for longest first, and wait for a sign of life before the next one."""
    sent = 0
    oldest_first = sorted(connections, key=lambda each: each.heard)
    for place, connection in enumerate(oldest_first):
        sent += await connection.send(frame)
        if place + 1 < len(oldest_first):
            await _sign_of_life(connection)
    return sent


async def _sign_of_life(connection: Connection) -> None:
    known = connection.heard
    for _ in range(300):
        if connection.heard > known:
            return
        await asyncio.sleep(0.01)


users._send_to = in_turn
