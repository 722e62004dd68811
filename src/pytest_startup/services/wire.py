"""How the keeper is asked: one connection per question, one JSON line there and one back.

A connection for each question costs a fifth of a millisecond on a unix socket, and makes every method of the client
safe from any thread, also when one thread waits for what another one is preparing.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from pytest_startup.clock import Deadline
from pytest_startup.errors import DeadlineExceeded, ServiceError, ServiceUnavailable, StartupError
from pytest_startup.services.errors import KeeperLost, ServerEnded, TemplateFailed, UnknownProvider

GRACE = 0.5
"""Seconds by which we outwait the keeper, so that its own words about a missed deadline arrive first."""

_KINDS: Mapping[str, type[StartupError]] = {
    kind.__name__: kind
    for kind in (
        DeadlineExceeded,
        KeeperLost,
        ServerEnded,
        ServiceError,
        ServiceUnavailable,
        TemplateFailed,
        UnknownProvider,
    )
}


class Stream(Protocol):
    """What we need of a connection."""

    def readline(self) -> bytes:
        """Return the next line with its end; without it when the other side went away."""

    def read(self) -> bytes:
        """Return the rest, when it has ended."""

    def write(self, data: bytes, /) -> int:
        """Take some bytes."""

    def flush(self) -> None:
        """Send them."""


def connect(path: Path, seconds: float) -> socket.socket:
    """Return a connection to the keeper that listens at `path`; raises OSError when there is none."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(max(seconds, 0.001))
        connection.connect(str(path))
    except BaseException:
        connection.close()
        raise
    return connection


def send(stream: Stream, message: Mapping[str, Any]) -> None:
    """Write one line; a mapping of whatever kind counts as a dict."""
    stream.write(json.dumps(message, default=dict).encode() + b"\n")
    stream.flush()


def receive(stream: Stream) -> dict[str, Any] | None:
    """Read one line; None at the end."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    message: dict[str, Any] = json.loads(line)
    return message


def exchange(connection: socket.socket, message: Mapping[str, Any]) -> dict[str, Any] | None:
    """Send one question and return the answer; None when the keeper went away over it."""
    with connection.makefile("rwb") as stream:
        send(stream, message)
        return receive(stream)


def ask(path: Path, question: str, deadline: Deadline, /, **details: Any) -> Any:  # noqa: ANN401  # whatever JSON carries
    """Ask the keeper at `path` and return its answer, or raise the error that it tells."""
    message = {"ask": question, "deadline": deadline_to_wire(deadline), **details}
    try:
        with connect(path, deadline.remaining() + GRACE) as connection:
            reply = exchange(connection, message)
    except TimeoutError:
        raise DeadlineExceeded(deadline.what, deadline.seconds) from None
    except OSError:
        reply = None
    if reply is None:
        raise KeeperLost(question, "")
    if "error" in reply:
        raise error_from(reply["error"])
    return reply["answer"]


def deadline_to_wire(deadline: Deadline) -> dict[str, Any]:
    """Return the deadline as JSON can carry it: the clock is the same in every process of a machine."""
    return {"what": deadline.what, "seconds": deadline.seconds, "at": deadline.at}


def deadline_from(raw: Mapping[str, Any]) -> Deadline:
    """Return the deadline that `deadline_to_wire` made."""
    return Deadline(raw["what"], raw["seconds"], raw["at"])


def error_to_wire(error: StartupError) -> dict[str, Any]:
    """Return the error as JSON can carry it."""
    return {"kind": type(error).__name__, "args": list(error.args)}


def error_from(raw: Mapping[str, Any]) -> StartupError:
    """Return the error that `error_to_wire` made."""
    return _KINDS.get(raw["kind"], ServiceError)(*raw["args"])
