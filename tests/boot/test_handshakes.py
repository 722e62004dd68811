"""Where a handshake ends, byte by byte."""

from __future__ import annotations

import struct

import pytest

from pytest_startup.boot.handshakes import handshake


def _untyped(body: bytes) -> bytes:
    return struct.pack("!I", len(body) + 4) + body


def _typed(kind: bytes, body: bytes) -> bytes:
    return kind + _untyped(body)


def _command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


SSL, GSS = _untyped(struct.pack("!I", 80877103)), _untyped(struct.pack("!I", 80877104))
STARTUP = _untyped(struct.pack("!I", 196608) + b"user\0startup\0\0")
PASSWORD = _typed(b"p", b"Q is a letter of this password\0")
LOGIN = _command(b"HELLO", b"3") + _command(b"auth", b"*1\r\n$4\r\nPING\r\n") + _command(b"SELECT", b"1")
CLIENT = _command(b"CLIENT", b"SETINFO", b"LIB-NAME", b"redis-py")

CASES = {
    "postgres": ("postgres", STARTUP + PASSWORD, _typed(b"Q", b"select 1\0")),
    "postgres, extended query": ("postgres", STARTUP + PASSWORD * 2, _typed(b"P", b"\0select 1\0")),
    "postgres, encryption asked for": ("postgres", GSS + SSL + STARTUP, _typed(b"Q", b"select 1\0")),
    "postgres, terminate": ("postgres", STARTUP, _typed(b"X", b"")),
    "redis": ("redis", LOGIN + CLIENT, _command(b"PING")),
    "redis, no login": ("redis", b"", _command(b"get", b"key")),
    "redis, by hand": ("redis", LOGIN, b"PING\r\n"),
    "http": ("llm", b"", b"GET /v1/models HTTP/1.1\r\n"),
}


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize(("kind", "greeting", "question"), CASES.values(), ids=CASES)
def test_it_is_over_with_the_first_question(kind: str, greeting: bytes, question: bytes, size: int) -> None:
    """A handshake is not over before its last byte, and is over with the first question, however both are cut."""
    reading = handshake(kind)
    for at in range(0, len(greeting), size):
        reading.feed(greeting[at : at + size])
    assert not reading.over
    for at in range(0, len(question), size):
        reading.feed(question[at : at + size])
    assert reading.over
    reading.feed(b"and whatever comes later")
    assert reading.over
