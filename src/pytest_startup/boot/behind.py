"""Connections of ours to the services themselves, behind the taps: what they do never counts as the application's.

Each is opened when it is first needed, and is shared by all who walk journeys.
"""

from __future__ import annotations

import datetime as dt
import decimal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pytest_startup.boot.outgoing import Given, Listening, Statement, Words
from pytest_startup.clock import Deadline
from pytest_startup.contract.actions import LISTENS
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.templates import Address, Values
from pytest_startup.errors import DeadlineExceeded, ServiceUnavailable
from pytest_startup.services import databases, indexes
from pytest_startup.services.endpoints import Endpoint

if TYPE_CHECKING:
    import psycopg
    import redis

PROVIDER = "a second connection"
"""Who asks, where a driver is missing."""

CONNECT_SECONDS = 5.0


class Behind:
    """Our own way to the services of one boot, as templates know them; closed with `close`, or by its block."""

    def __init__(self, known: Values) -> None:
        """Take the addresses of services out of what templates stand for."""
        self._addresses = {name: each for name, each in known.items() if isinstance(each, Address)}
        self._databases: dict[str, psycopg.Connection[tuple[Any, ...]]] = {}
        self._clients: dict[tuple[str, float], redis.Redis] = {}
        self._lock = threading.RLock()
        self._open = ExitStack()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close every connection."""
        self.close()

    def close(self) -> None:
        """Close every connection; whoever asks afterwards opens new ones."""
        with self._lock:
            self._databases.clear()
            self._clients.clear()
            self._open.close()

    def knows(self, kind: str, service: str) -> bool:
        """Whether there is a service of a kind, with this name (empty: any)."""
        return self._name(kind, service) is not None

    def ask(self, statement: Statement, deadline: Deadline) -> Given:
        """Return all rows of a statement, or why there are none."""
        return _tried(lambda: self._rows(statement, deadline), databases.driver(PROVIDER).Error)

    def command(self, words: Words, deadline: Deadline) -> Given:
        """Return what Redis says to a command, or why it says nothing."""
        return _tried(lambda: self._said(words, deadline), indexes.driver(PROVIDER).RedisError)

    def subscriptions(self) -> Subscriptions:
        """Return a place for the subscriptions of one walk."""
        return Subscriptions(self)

    def client(self, service: str, deadline: Deadline, seconds: float = CONNECT_SECONDS) -> redis.Redis:
        """Return a client for a Redis, which is ours until `close`; each command may take so many seconds."""
        name, endpoint = self._endpoint("redis", service)
        with self._lock:
            if (name, seconds) not in self._clients:
                limit = Deadline.after(seconds, deadline.what)
                self._clients[name, seconds] = self._open.enter_context(indexes.connect(endpoint, limit))
            return self._clients[name, seconds]

    def _rows(self, statement: Statement, deadline: Deadline) -> Given:
        psycopg = databases.driver(PROVIDER)
        name, endpoint = self._endpoint("postgres", statement.service)
        with self._lock:  # one statement at a time: it is one connection
            if name not in self._databases or self._databases[name].closed:
                self._databases[name] = self._open.enter_context(databases.connect(endpoint, deadline))
            connection = self._databases[name]
            milliseconds = max(1, int(1000 * deadline.remaining()))
            connection.execute(f"SET statement_timeout = {milliseconds}".encode())
            with psycopg.RawCursor(connection) as cursor:
                cursor.execute(statement.sql, statement.parameters or None)
                if cursor.description is None:
                    return Given([])
                columns = tuple(each.name for each in cursor.description)
                return Given([[_json(value) for value in row] for row in cursor.fetchall()], columns=columns)

    def _said(self, words: Words, deadline: Deadline) -> Given:
        client = self.client(words.service, deadline, words.seconds)
        with self._lock:
            return Given(_json(client.execute_command(*words.words)))  # type: ignore[no-untyped-call]

    def _endpoint(self, kind: str, service: str) -> tuple[str, Endpoint]:
        name = self._name(kind, service)
        if name is None:
            reason = f"there is no {kind}{f' {service!r}' if service else ''}"
            raise ServiceUnavailable(kind, PROVIDER, reason, "declare it under [services]")
        found = self._addresses[name]
        endpoint = Endpoint(
            service=kind,
            provider=PROVIDER,
            host=found.host,
            port=found.port,
            user=found.user,
            password=found.password,
            database=found.database,
        )
        return name, endpoint

    def _name(self, kind: str, service: str) -> str | None:
        of_kind = [name for name, each in self._addresses.items() if each.protocol == kind]
        return next((name for name in of_kind if service in ("", name)), None)


class Subscriptions:
    """What one walk has subscribed to; messages that come while nobody listens are kept by its connection."""

    def __init__(self, behind: Behind) -> None:
        """Begin without any."""
        self._behind = behind
        self._open: dict[str, redis.client.PubSub] = {}

    def close(self) -> None:
        """End all of them."""
        for each in self._open.values():
            each.close()
        self._open.clear()

    def begin(self, words: Words, deadline: Deadline) -> Given:
        """Subscribe to the channels (or patterns) of a command, and return once Redis has confirmed it."""
        return _tried(lambda: self._begin(words, deadline), indexes.driver(PROVIDER).RedisError)

    def hear(self, listening: Listening, deadline: Deadline) -> Given:
        """Return the next message of a channel."""
        return _tried(lambda: self._hear(listening, deadline), indexes.driver(PROVIDER).RedisError)

    def _begin(self, words: Words, deadline: Deadline) -> Given:
        command, *channels = words.words
        if words.service not in self._open:
            self._open[words.service] = self._behind.client(words.service, deadline).pubsub()  # type: ignore[no-untyped-call]
        subscription = self._open[words.service]
        (subscription.subscribe if command.upper() == LISTENS[0] else subscription.psubscribe)(*channels)
        confirmed = 0
        while confirmed < len(channels):
            message = _next(subscription, deadline)
            if message is None:
                return Given(failed="Redis did not confirm the subscription")
            confirmed += "subscribe" in message["type"]
        return Given(confirmed)

    def _hear(self, listening: Listening, deadline: Deadline) -> Given:
        subscription = self._open.get(listening.service)
        if subscription is None:
            return Given(failed="no step before it has subscribed to anything")
        while (message := _next(subscription, deadline)) is not None:
            if listening.channel in (_json(message["channel"]), _json(message["pattern"])):
                return Given(_json(message["data"]))
        return Given(failed=f"nothing was heard on {listening.channel} within {listening.seconds:g} s")


def _next(subscription: redis.client.PubSub, deadline: Deadline) -> dict[str, Any] | None:
    """Return the next message of any sort; None when none comes in time."""
    while not deadline.expired:
        found: dict[str, Any] | None = subscription.get_message(timeout=deadline.remaining())
        if found is not None:
            return found
    return None


def _tried(work: Callable[[], Given], error: type[Exception]) -> Given:
    """Return what some work gives; an `error` of the driver, or any of ours, is told in one line."""
    try:
        return work()
    except (error, OSError, ServiceUnavailable, DeadlineExceeded) as problem:
        said = str(problem).strip().splitlines()
        return Given(failed=f"{type(problem).__name__}: {said[0] if said else ''}".rstrip(": "))


def _json(value: object) -> JsonValue:
    """Return a value of a driver as JSON has it: bytes and dates are texts, a whole decimal is an integer."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case decimal.Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case dict():
            return {str(_json(key)): _json(item) for key, item in value.items()}
        case list() | tuple() | set():
            return [_json(item) for item in value]
    return _text(value)


def _text(value: object) -> str:
    match value:
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode(errors="replace")
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
    return str(value)
