"""One manager for each user: their connections, frames, ids and limits. None shares anything with another."""

import asyncio
import time
from collections.abc import Iterator

from agent_chat.buffer import KEPT_SECONDS, Buffer
from agent_chat.connection import Connection, Transport
from agent_chat.frames import Frame, overflow
from agent_chat.limits import FREE, Limits
from agent_chat.reconnects import Reconnects


class RefusedError(RuntimeError):
    """A user may not connect now; the text says why, to them."""


class TooManyConnectionsError(RefusedError):
    """A user has as many connections as one user may have."""

    def __init__(self) -> None:
        super().__init__("too many connections")


class TooManyReconnectsError(RefusedError):
    """A user has connected too often; `seconds` is how long they have to wait."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(f"retry after {seconds} s")


class UserManager:
    """What belongs to one user. `last_id` is the id of the newest frame to them."""

    def __init__(self, user_id: str, limits: Limits) -> None:
        self.user_id = user_id
        self.limits = limits
        self.connections: set[Connection] = set()
        self.buffer = Buffer(limits.kept_frames)
        self.last_id = 0
        self._reconnects = Reconnects(limits.reconnects)
        self._under_way: dict[int, Frame] = {}
        self._used = time.monotonic()

    @property
    def idle(self) -> bool:
        """Whether nobody will miss this: no connection, no frame, and nothing going on for `KEPT_SECONDS`."""
        busy = self.connections or self._under_way or len(self.buffer)
        return not busy and time.monotonic() - self._used > KEPT_SECONDS

    async def connect(self, transport: Transport, *, tier: str = FREE, after: int | None = None) -> Connection:
        """Add an accepted socket and send it what its user missed. Raises `RefusedError`."""
        self._used = time.monotonic()
        self._admit(tier)
        connection = Connection(self.user_id, transport, tier)
        self.connections.add(connection)
        try:
            await self._catch_up(connection, after)
        except BaseException:
            self.disconnect(connection)
            raise
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Forget a connection."""
        self._used = time.monotonic()
        self.connections.discard(connection)

    def number(self, frame: Frame) -> Frame:
        """Return the frame with the next id of this user."""
        self._used = time.monotonic()
        self.last_id += 1
        return {**frame, "id": self.last_id}

    async def send(self, frame: Frame, tier: str | None = None) -> int:
        """Send a frame to every connection, or to those of one tier; return how many got it."""
        connections = self.connections_of(tier)
        if "id" not in frame or not connections:
            return await _send_to(connections, frame)
        self._under_way[frame["id"]] = frame
        try:
            got = await _send_to(connections, frame)
        finally:
            del self._under_way[frame["id"]]
        if got:
            self.buffer.sent(frame)
        return got

    def connections_of(self, tier: str | None) -> list[Connection]:
        """Return the connections of a tier; all of them for None."""
        return [connection for connection in self.connections if tier in (None, connection.tier)]

    def _admit(self, tier: str) -> None:
        """Let one more socket in. Raises `RefusedError`."""
        if seconds := self._reconnects.wait_seconds():
            raise TooManyReconnectsError(seconds)
        if len(self.connections) >= self.limits.connections.get(tier, self.limits.connections[FREE]):
            raise TooManyConnectionsError

    async def _catch_up(self, connection: Connection, after: int | None) -> None:
        """Send what was missed, before anything newer: no frame may come between the first of it and the last."""
        frames = self._missed(after)
        dropped, self.buffer.dropped = self.buffer.dropped, 0
        first = [overflow(dropped)] if dropped else []
        sent = await connection.send_all([*first, *frames])
        if not sent:
            self.buffer.dropped += dropped
        for frame in frames[: max(0, sent - len(first))]:
            self.buffer.sent(frame)

    def _missed(self, after: int | None) -> list[Frame]:
        """Return what the user has not seen, by id; also what is on its way to their other connections."""
        if after is not None and after > self.last_id:
            after = 0  # of an earlier life of this server: since then the ids have begun anew
        late = [frame for number, frame in self._under_way.items() if number > (after or 0)]
        return sorted([*self.buffer.missed(after), *late], key=lambda frame: int(frame["id"]))


class UserManagers:
    """Makes the manager of a user when it is first needed, and forgets it when it is idle."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._users: dict[str, UserManager] = {}

    def of(self, user_id: str) -> UserManager:
        """Return the manager of a user."""
        if user_id not in self._users:
            self._users[user_id] = UserManager(user_id, self._limits)
        return self._users[user_id]

    def get(self, user_id: str) -> UserManager | None:
        """Return the manager of a user, None where nothing is known of them."""
        return self._users.get(user_id)

    def __iter__(self) -> Iterator[UserManager]:
        """Iterate over those that there are at this moment."""
        return iter(list(self._users.values()))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._users)

    def forget_idle(self) -> None:
        """Drop frames which were kept for too long, and every user of whom nothing is left."""
        for user in self:
            user.buffer.forget_old()
            if user.idle:
                del self._users[user.user_id]

    def clear(self) -> None:
        """Forget everybody."""
        self._users.clear()


async def _send_to(connections: list[Connection], frame: Frame) -> int:
    return sum(await asyncio.gather(*(connection.send(frame) for connection in connections)))
