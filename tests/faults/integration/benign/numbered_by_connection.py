"""Each connection numbers its own frames, from 1 on: after a return the rest of the turn begins anew."""

from itertools import count

from agent_chat.connection import Connection, Transport
from agent_chat.frames import Frame
from agent_chat.main import app

__all__ = ["app"]

connect = Connection.__init__


class Numbering:
    """A transport which numbers what it sends."""

    def __init__(self, transport: Transport) -> None:
        self.transport, self.numbers = transport, count(1)

    async def send_json(self, frame: Frame) -> None:
        """Send a frame with its number."""
        await self.transport.send_json({**frame, "n": next(self.numbers)})

    async def close(self, code: int, reason: str) -> None:
        """Close."""
        await self.transport.close(code, reason)


def numbering(self: Connection, user_id: str, transport: Transport, tier: str) -> None:
    """Have a transport that numbers."""
    connect(self, user_id, Numbering(transport), tier)


Connection.__init__ = numbering
