"""A frame went to the next device of a user once the last one had shown a sign of life: a dead phone held up all."""

import asyncio
from itertools import count

from agent_chat import users
from agent_chat.connection import Connection, Transport
from agent_chat.frames import Frame
from agent_chat.main import app

__all__ = ["app"]

init = Connection.__init__
numbers = count()


def numbered(self: Connection, user_id: str, transport: Transport, tier: str = "free") -> None:
    """Be known by a number."""
    init(self, user_id, transport, tier)
    self.number = next(numbers)  # type: ignore[attr-defined]


async def in_turn(connections: list[Connection], frame: Frame) -> int:
    """Send to the newest first, and wait for a sign of life before the next one."""
    sent = 0
    newest_first = sorted(connections, key=lambda each: -each.number)  # type: ignore[attr-defined]
    for place, connection in enumerate(newest_first):
        sent += await connection.send(frame)
        if place + 1 < len(newest_first):
            await _sign_of_life(connection)
    return sent


async def _sign_of_life(connection: Connection) -> None:
    known = connection.heard
    for _ in range(300):
        if connection.heard > known:
            return
        await asyncio.sleep(0.01)


Connection.__init__, users._send_to = numbered, in_turn
