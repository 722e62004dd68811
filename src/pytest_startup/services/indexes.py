"""A Redis for each boot: one numbered database ("index") of a server, empty when it is handed out.

On a server of our own we hand out the lowest free index. On somebody else's server an index is claimed by a key of
ours, only when it was empty, in one atomic step; and only an index that still holds our claim is ever cleared.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceUnavailable
from pytest_startup.services.carriers import INSTALL
from pytest_startup.services.endpoints import Endpoint

if TYPE_CHECKING:
    import redis

CLAIM_KEY = "startup:claim"
"""The key by which an index on a foreign server is ours; its value is the session's id."""

_CLAIM = "if redis.call('DBSIZE') == 0 then return redis.call('SET', KEYS[1], ARGV[1]) end return false"
_CLEAR = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('FLUSHDB') end return false"
_CLEAR_SECONDS = 5.0
_MOST_INDEXES = 16384


class Indexes(Protocol):
    """Who hands out indexes of one server."""

    def take(self, deadline: Deadline) -> Endpoint:
        """Return an empty index that nobody else uses."""

    def give_back(self, endpoint: Endpoint) -> None:
        """Clear it, so that the next boot may have it."""

    def close(self) -> None:
        """Give everything back that is still out."""


def driver(provider: str) -> Any:  # noqa: ANN401  # a module
    """Return redis-py, imported only when somebody really wants a Redis."""
    try:
        import redis  # noqa: PLC0415
    except ImportError as error:
        raise ServiceUnavailable("redis", provider, f"redis-py cannot be imported ({error})", INSTALL) from error
    return redis


def connect(endpoint: Endpoint, deadline: Deadline) -> redis.Redis:
    """Return a client on one connection; nothing is sent before its first command."""
    deadline.check()
    seconds = max(deadline.remaining(), 0.001)
    module = driver(endpoint.provider)
    client: redis.Redis = module.Redis(
        host=endpoint.host,
        port=endpoint.port,
        db=int(endpoint.database or 0),
        username=endpoint.user or None,
        password=endpoint.password or None,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=None,
        protocol=2,  # servers before 6 know no other
    )
    return client


def answers(endpoint: Endpoint, deadline: Deadline) -> bool:
    """Whether it answers PING, with our password, by now."""
    errors = driver(endpoint.provider).exceptions
    with suppress(errors.RedisError, OSError), connect(endpoint, deadline) as client:
        return bool(client.ping())
    return False


def version_of(endpoint: Endpoint, deadline: Deadline) -> str:
    """Return what serves there, as in "Redis 7.4.2" or "Valkey 8.1.0"."""
    with connect(endpoint, deadline) as client:
        info: dict[str, str] = client.info("server")
    own = info.get("valkey_version")
    return f"Valkey {own}" if own else f"Redis {info['redis_version']}"


@dataclass(slots=True)
class OwnIndexes:
    """Indexes of a server which is ours alone."""

    server: Endpoint
    count: int
    _taken: set[int] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, deadline: Deadline) -> Endpoint:
        """Return the lowest index that is free, so that one boot after the other always gets index 0."""
        with self._lock:
            number = next((each for each in range(self.count) if each not in self._taken), None)
            if number is None:
                reason = f"all {self.count} indexes are in use"
                raise ServiceUnavailable("redis", self.server.provider, reason, "give endpoints back after each boot")
            self._taken.add(number)
        endpoint = replace(self.server, database=str(number))
        with connect(endpoint, deadline) as client:
            client.flushdb()
        return endpoint

    def give_back(self, endpoint: Endpoint) -> None:
        """Clear the index; one that cannot be cleared is not handed out again."""
        errors = driver(endpoint.provider).exceptions
        with (
            suppress(errors.RedisError, OSError),
            connect(endpoint, Deadline.after(_CLEAR_SECONDS, "clearing a Redis index")) as client,
        ):
            client.flushdb()
            with self._lock:
                self._taken.discard(int(endpoint.database))

    def close(self) -> None:
        """Do nothing: the server goes, and everything with it."""


@dataclass(slots=True)
class ClaimedIndexes:
    """Indexes of somebody else's server. `candidates`: those that we may look at."""

    server: Endpoint
    claim: str
    candidates: Sequence[int]
    _taken: dict[str, Endpoint] = field(default_factory=dict)
    _given_back: threading.Condition = field(default_factory=threading.Condition)

    def take(self, deadline: Deadline) -> Endpoint:
        """Claim the first index that is empty, waiting for one that another boot of ours has.

        Raises `ServiceUnavailable` when none is empty, and none of them is ours.
        """
        with self._given_back:
            while (endpoint := self._first_claimed(deadline)) is None and self._taken and not deadline.expired:
                self._given_back.wait(deadline.remaining())
            if endpoint is not None:
                self._taken[endpoint.database] = endpoint
                return endpoint
        which = "no index" if isinstance(self.candidates, range) else f"index {self.server.database}, the one named,"
        holds = "is empty" if isinstance(self.candidates, range) else "is not empty"
        reason = f"{which} of {self.server.host}:{self.server.port} {holds}, and what is there is not ours to clear"
        raise ServiceUnavailable("redis", "external", reason, "empty one, name none at all, or name another server")

    def _first_claimed(self, deadline: Deadline) -> Endpoint | None:
        endpoints = (replace(self.server, database=str(number)) for number in self.candidates)
        return next((endpoint for endpoint in endpoints if self._claimed(endpoint, deadline)), None)

    def _claimed(self, endpoint: Endpoint, deadline: Deadline) -> bool:
        with connect(endpoint, deadline) as client:
            return bool(client.execute_command("EVAL", _CLAIM, 1, CLAIM_KEY, self.claim))

    def give_back(self, endpoint: Endpoint) -> None:
        """Clear the index if it still holds our claim; else it is left as it is."""
        errors = driver("external").exceptions
        with (
            suppress(errors.RedisError, OSError),
            connect(endpoint, Deadline.after(_CLEAR_SECONDS, "clearing a Redis index")) as client,
        ):
            client.execute_command("EVAL", _CLEAR, 1, CLAIM_KEY, self.claim)
        with self._given_back:
            self._taken.pop(endpoint.database, None)
            self._given_back.notify_all()

    def close(self) -> None:
        """Clear every index that we still hold."""
        for endpoint in list(self._taken.values()):
            self.give_back(endpoint)


def count_of(server: Endpoint, deadline: Deadline) -> int:
    """Return how many indexes a server has: as it says, or by trying where CONFIG is forbidden."""
    errors = driver(server.provider).exceptions
    with connect(server, deadline) as client:
        with suppress(errors.RedisError):
            return int(client.config_get("databases")["databases"])
        for number in range(_MOST_INDEXES):
            try:
                client.execute_command("SELECT", number)
            except errors.ResponseError:
                return number
    return 1
