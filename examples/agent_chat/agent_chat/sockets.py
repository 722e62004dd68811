"""The WebSocket connections of all users."""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Mapping
from typing import Any, Protocol

logger = logging.getLogger(__name__)

Frame = Mapping[str, Any]

SEND_SECONDS = 5.0
MAX_PER_USER = 10
KEPT_FRAMES = 100
KEPT_SECONDS = 60.0
GOING_AWAY = 1001


class TooManyConnectionsError(RuntimeError):
    """A user has as many connections as one user may have."""


class Transport(Protocol):
    """The sending side of an accepted socket."""

    async def send_json(self, data: Any) -> None:  # noqa: ANN401 - as Starlette has it
        """Send one frame."""

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Close the socket."""


class Connection:
    """One socket of one user; frames of several runs go out one after another."""

    def __init__(self, user_id: str, transport: Transport) -> None:
        self.user_id = user_id
        self._transport = transport
        self._sending = asyncio.Lock()

    async def send(self, frame: Frame) -> bool:
        """Send one frame; False when the other side is gone, or takes nothing for `SEND_SECONDS`."""
        try:
            async with asyncio.timeout(SEND_SECONDS), self._sending:
                await self._transport.send_json(frame)
        except (RuntimeError, OSError):  # closed meanwhile; a TimeoutError is an OSError
            return False
        return True

    async def close(self, code: int, reason: str) -> None:
        """Close the socket, if it is still open."""
        try:
            await self._transport.close(code, reason)
        except RuntimeError:
            logger.debug("a socket of user %s was closed already", self.user_id)


class WebSocketManager:
    """Who is connected, and what waits for those who will come back in a moment."""

    def __init__(self) -> None:
        self._connections: defaultdict[str, set[Connection]] = defaultdict(set)
        self._kept: dict[str, deque[tuple[float, Frame]]] = {}

    def __len__(self) -> int:
        """Return the number of open connections."""
        return sum(map(len, self._connections.values()))

    def is_connected(self, user_id: str) -> bool:
        """Whether the user has an open connection."""
        return user_id in self._connections

    async def connect(self, user_id: str, transport: Transport) -> Connection:
        """Add an accepted socket and send it what was kept for its user. Raises `TooManyConnectionsError`."""
        if len(self._connections.get(user_id, ())) >= MAX_PER_USER:
            raise TooManyConnectionsError(user_id)
        connection = Connection(user_id, transport)
        kept = self._take_kept(user_id)
        self._connections[user_id].add(connection)
        for frame in kept:
            await connection.send(frame)
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection."""
        open_ones = self._connections.get(connection.user_id, set())
        open_ones.discard(connection)
        if not open_ones:
            self._connections.pop(connection.user_id, None)

    async def send(self, user_id: str, frame: Frame) -> int:
        """Send a frame to every connection of one user; return how many got it."""
        connections = list(self._connections.get(user_id, ()))
        sent = await asyncio.gather(*(connection.send(frame) for connection in connections))
        return sum(sent)

    async def broadcast(self, frame: Frame) -> int:
        """Send a frame to everybody; return how many connections got it."""
        return sum(await asyncio.gather(*(self.send(user_id, frame) for user_id in list(self._connections))))

    def keep(self, user_id: str, frame: Frame) -> None:
        """Keep a frame for a user who is not there: the newest `KEPT_FRAMES`, for `KEPT_SECONDS`."""
        self._kept.setdefault(user_id, deque(maxlen=KEPT_FRAMES)).append((time.monotonic(), frame))

    def forget_old_frames(self) -> None:
        """Drop what has been kept for too long."""
        for user_id in list(self._kept):
            frames = self._kept[user_id]
            while frames and time.monotonic() - frames[0][0] > KEPT_SECONDS:
                frames.popleft()
            if not frames:
                del self._kept[user_id]

    async def close(self) -> None:
        """Close every connection."""
        everybody = [connection for group in self._connections.values() for connection in group]
        await asyncio.gather(*(connection.close(GOING_AWAY, "the server stops") for connection in everybody))
        self._connections.clear()
        self._kept.clear()

    def _take_kept(self, user_id: str) -> list[Frame]:
        self.forget_old_frames()
        return [frame for _, frame in self._kept.pop(user_id, ())]
