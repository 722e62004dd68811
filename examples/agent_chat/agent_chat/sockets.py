"""The WebSocket connections of all users."""

import asyncio
from collections.abc import Iterator

from agent_chat.connection import Connection, Transport
from agent_chat.frames import RESTARTING, Frame
from agent_chat.limits import FREE, Limits
from agent_chat.users import RefusedError, TooManyConnectionsError, TooManyReconnectsError, UserManager, UserManagers

__all__ = [
    "Connection",
    "Frame",
    "RefusedError",
    "TooManyConnectionsError",
    "TooManyReconnectsError",
    "Transport",
    "WebSocketManager",
]

SERVICE_RESTART = 1012
FAREWELL_SECONDS = 1.0


class WebSocketManager:
    """Who is connected, and what waits for those who will come back in a moment; by user."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.users = UserManagers(limits or Limits())

    def __len__(self) -> int:
        """Return the number of open connections."""
        return sum(len(user.connections) for user in self.users)

    def __iter__(self) -> Iterator[Connection]:
        """Iterate over the connections that are open at this moment."""
        return iter([connection for user in self.users for connection in user.connections])

    def of(self, user_id: str) -> UserManager:
        """Return the manager of one user."""
        return self.users.of(user_id)

    def count(self, user_id: str) -> int:
        """Return the number of open connections of one user."""
        user = self.users.get(user_id)
        return 0 if user is None else len(user.connections)

    def is_connected(self, user_id: str) -> bool:
        """Whether the user has an open connection."""
        return self.count(user_id) > 0

    async def connect(
        self, user_id: str, transport: Transport, *, tier: str = FREE, after: int | None = None
    ) -> Connection:
        """Add an accepted socket and send it what its user missed: all frames after one id, or what was never sent.

        Raises `RefusedError`.
        """
        return await self.of(user_id).connect(transport, tier=tier, after=after)

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection."""
        user = self.users.get(connection.user_id)
        if user is not None:
            user.disconnect(connection)

    def number(self, user_id: str, frame: Frame) -> Frame:
        """Return the frame with the next id of its user."""
        return self.of(user_id).number(frame)

    async def send(self, user_id: str, frame: Frame) -> int:
        """Send a frame to every connection of one user; return how many got it."""
        user = self.users.get(user_id)
        return 0 if user is None else await user.send(frame)

    async def broadcast(self, frame: Frame, tier: str | None = None) -> int:
        """Send a frame to everybody, or to every connection of a tier; return how many connections got it."""
        there = [user for user in self.users if user.connections_of(tier)]
        return sum(await asyncio.gather(*(_broadcast_to(user, frame, tier) for user in there)))

    def keep(self, user_id: str, frame: Frame) -> None:
        """Keep a numbered frame for a user who is not there."""
        self.of(user_id).buffer.keep(frame)

    def confirm(self, user_id: str, last: int) -> None:
        """Forget every frame of a user up to this id."""
        self.of(user_id).buffer.confirm(last)

    def forget_old_frames(self) -> None:
        """Drop what has been kept for too long, and whoever is long gone."""
        self.users.forget_idle()

    async def close(self) -> None:
        """Tell everybody that the service restarts, and close every connection."""
        await asyncio.gather(*map(_dismiss, self))
        self.users.clear()


async def _broadcast_to(user: UserManager, frame: Frame, tier: str | None) -> int:
    numbered = user.number({"user_id": user.user_id, **frame})
    got = await user.send(numbered, tier)
    if not got:
        user.buffer.keep(numbered)
    return got


async def _dismiss(connection: Connection) -> None:
    try:
        async with asyncio.timeout(FAREWELL_SECONDS):
            await connection.send(RESTARTING)
            await connection.close(SERVICE_RESTART, "service restart")
    except TimeoutError:
        return  # it takes nothing: it will see the end of the connection
