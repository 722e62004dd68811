"""Where a client's handshake with a service ends: bytes in, one answer out, no input or output.

`over` becomes true with the first byte that is neither greeting nor login: what the service says from then on answers a
question of the application.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

_UNTYPED_REQUESTS = (80877103, 80877104)
"""SSLRequest and GSSENCRequest, after which another message without a type follows (PostgreSQL 18, 54.7)."""

_REDIS_LOGIN = frozenset({b"AUTH", b"HELLO", b"SELECT", b"CLIENT"})


class Handshake(Protocol):
    """Reads along with what a client says."""

    over: bool

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the client, however they were cut."""


class NoHandshake:
    """A protocol in which the first byte is a question (HTTP)."""

    def __init__(self) -> None:
        """Wait for the first byte."""
        self.over = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the client."""
        self.over = self.over or bool(data)


class PostgresHandshake:
    """StartupMessage and passwords (PostgreSQL 18, 54.2.1); the first message of another type ends it."""

    def __init__(self) -> None:
        """Wait for the startup message."""
        self.over = self._typed = False
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the client."""
        self._rest += b"" if self.over else data
        while not self.over and self._take():
            pass

    def _take(self) -> bool:
        """Take one whole message from the rest; say whether there was one."""
        head = 1 if self._typed else 0
        if self._typed and self._rest[:1] not in (b"", b"p"):
            self.over = True
        length = int.from_bytes(self._rest[head : head + 4], "big") + head
        if len(self._rest) < max(head + 4, length):
            return False
        code = int.from_bytes(self._rest[4:8], "big")
        self._typed = self._typed or code not in _UNTYPED_REQUESTS
        self._rest = self._rest[length:]
        return True


class RedisHandshake:
    """AUTH, HELLO, SELECT and CLIENT (RESP, an array of bulk strings each); any other command ends it."""

    def __init__(self) -> None:
        """Wait for the first command."""
        self.over = False
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the client."""
        self._rest += b"" if self.over else data
        while not self.over and (command := self._command()) is not None:
            self.over = command.upper() not in _REDIS_LOGIN

    def _command(self) -> bytes | None:
        """Take one whole command from the rest and return its name; None while it is not whole."""
        if self._rest[:1] not in (b"", b"*"):
            return self._rest  # an inline command, as typed by hand
        try:
            parts = list(self._parts())
        except ValueError:
            return None
        return parts[0] if parts else None

    def _parts(self) -> Iterator[bytes]:
        """Yield the parts of one command, and drop it from the rest; raises `ValueError` while it is not whole."""
        head, _, rest = self._rest.partition(b"\r\n")
        for _ in range(int(head[1:])):
            size, found, rest = rest.partition(b"\r\n")
            length = int(size[1:])
            if not found or len(rest) < length + 2:
                raise ValueError
            yield rest[:length]
            rest = rest[length + 2 :]
        self._rest = rest


HANDSHAKES: dict[str, Callable[[], Handshake]] = {"postgres": PostgresHandshake, "redis": RedisHandshake}


def handshake(kind: str) -> Handshake:
    """Return what reads along with a client of a service of this kind."""
    return HANDSHAKES.get(kind, NoHandshake)()
