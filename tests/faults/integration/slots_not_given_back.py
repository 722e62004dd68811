"""There were slots for so many connections, and nobody gave one back: after a busy hour whoever came was refused."""

from agent_chat.connection import Connection, Transport
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager
from agent_chat.users import TooManyConnectionsError

__all__ = ["app"]

SLOTS = 240
connect = WebSocketManager.connect
taken: list[str] = []


async def with_a_slot(
    self: WebSocketManager, user_id: str, transport: Transport, *, tier: str = "free", after: int | None = None
) -> Connection:
    """Take a slot, and connect."""
    if len(taken) >= SLOTS:
        raise TooManyConnectionsError
    if not user_id.startswith("startup_test_"):
        taken.append(user_id)
    return await connect(self, user_id, transport, tier=tier, after=after)


WebSocketManager.connect = with_a_slot
