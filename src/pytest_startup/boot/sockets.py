"""A client of WebSockets on a plain socket: nothing waits beyond its deadline, no thread of its own."""

from __future__ import annotations

import select
import socket
import struct
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from pytest_startup.boot.dialogue import GONE, Closed, Denied, Dialogue
from pytest_startup.boot.outgoing import Upgrade
from pytest_startup.boot.packets import dialogue_of
from pytest_startup.boot.streams import opened
from pytest_startup.clock import Deadline

__all__ = ["GONE", "Closed", "Denied", "Socket", "connect"]

CHUNK = 65536
CLOSE_SECONDS = 0.5

NO_LINGER = struct.pack("ii", 1, 0)
"""What is not sent yet is dropped, and the other side is told by a reset (RFC 9293, 3.10.5)."""


class Socket:
    """A WebSocket that is open. Whatever waits raises `TimeoutError` at its deadline, and `Closed` at the end."""

    def __init__(self, stream: socket.socket, dialogue: Dialogue) -> None:
        """Take a connection whose handshake is still to come."""
        self._stream, self._dialogue = stream, dialogue
        self._frames: deque[str | bytes] = deque()

    @classmethod
    def open(
        cls,
        url: str,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
    ) -> Self:
        """Connect to a ws(s) or http(s) URL; raises `Denied`, `OSError`, or `TimeoutError` at the deadline."""
        return cls.over(Dialogue(url, headers, subprotocols), deadline)

    @classmethod
    def over(cls, dialogue: Dialogue, deadline: Deadline) -> Self:
        """Connect to where a dialogue is to be had, and begin it; raises what `open` raises."""
        stream = opened(dialogue.host, dialogue.port, _left(deadline), secure=dialogue.secure)
        try:
            itself = cls(stream, dialogue)
            itself._shake_hands(deadline)
        except BaseException:
            stream.close()
            raise
        return itself

    def __enter__(self) -> Self:
        """Return itself; it is closed at the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def send(self, text: str, deadline: Deadline) -> None:
        """Send a text frame."""
        self._dialogue.say(text)
        self._flush(deadline)

    def receive(self, deadline: Deadline) -> str | bytes:
        """Return the next message."""
        while not self._frames:
            self._read(deadline)
        return self._frames.popleft()

    def send_raw(self, data: bytes, deadline: Deadline) -> None:
        """Send bytes as they are, whatever they do to the connection."""
        self._stream.settimeout(_left(deadline))
        self._stream.sendall(data)

    def send_long(self, data: bytes, deadline: Deadline) -> None:
        """Send many bytes as they are, and hear meanwhile: whoever refuses them says so in the middle of it.

        Raises `Closed` then; `ConnectionResetError` where the connection is gone: what was said may be gone with it.
        """
        rest = memoryview(data)
        while rest:
            heard, ready, _ = select.select([self._stream], [self._stream], [], _left(deadline))
            try:
                if heard:
                    self._read(deadline)
            except Closed as error:
                if error.code == GONE:
                    raise ConnectionResetError from None
                raise
            if ready:
                rest = rest[self._stream.send(rest[:CHUNK]) :]

    def await_pong(self, deadline: Deadline) -> None:
        """Wait for the answer to one more ping."""
        wanted = self._dialogue.pongs + 1
        while self._dialogue.pongs < wanted:
            self._read(deadline)

    def drop(self) -> None:
        """End the connection (TCP FIN), without a word."""
        self._stream.close()

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol which the other side has chosen."""
        return self._dialogue.subprotocol

    def reset(self) -> None:
        """Tear the connection down, without a word."""
        with suppress(OSError):
            self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self._stream.close()

    def close(self, code: int = 1000) -> None:
        """Say goodbye, and wait a moment for the answer."""
        deadline = Deadline.after(CLOSE_SECONDS, "closing a socket")
        with self._stream, suppress(OSError):
            self._dialogue.leave(code)
            self._flush(deadline)
            while True:
                self._read(deadline)
                self._frames.clear()

    def leave(self, deadline: Deadline) -> None:
        """Say goodbye; what the other side had sent before can still be received."""
        self._dialogue.leave()
        self._flush(deadline)

    def hang_up(self) -> None:
        """Send nothing any more, without a word; what the other side had sent before can still be received."""
        with suppress(OSError):
            self._stream.shutdown(socket.SHUT_WR)

    def _shake_hands(self, deadline: Deadline) -> None:
        self._flush(deadline)
        while not self._dialogue.accepted:
            self._stream.settimeout(_left(deadline))
            data = self._stream.recv(CHUNK)
            self._frames += self._dialogue.hear(data)  # the server may say something at once
            self._flush(deadline)
            if not data and not self._dialogue.accepted:
                raise ConnectionResetError

    def _read(self, deadline: Deadline) -> None:
        """Take what comes; raises `Closed` once nothing will come any more."""
        if not self._dialogue.ended:  # it may have ended with what was read before
            self._stream.settimeout(_left(deadline))
            try:
                data = self._stream.recv(CHUNK)
            except ConnectionError:
                data = b""
            self._frames += self._dialogue.hear(data)
        with suppress(OSError):
            self._flush(deadline)
        if self._dialogue.ended and not self._frames:
            raise self._dialogue.closed()

    def _flush(self, deadline: Deadline) -> None:
        self._stream.settimeout(_left(deadline))
        for data in self._dialogue.outgoing():
            if data:
                self._stream.sendall(data)
            else:
                with suppress(OSError):
                    self._stream.shutdown(socket.SHUT_WR)


def connect(upgrade: Upgrade, deadline: Deadline) -> Socket:
    """Connect as a user does, and send what comes first; raises what `Socket.open` raises."""
    opened = Socket.over(dialogue_of(upgrade), deadline)
    try:
        for frame in upgrade.first:
            opened.send(frame, deadline)
    except BaseException:
        opened.close()
        raise
    return opened


def _left(deadline: Deadline) -> float:
    """Return what a socket may still wait; raises `TimeoutError` once that is nothing."""
    if deadline.expired:
        raise TimeoutError
    return max(0.001, deadline.remaining())
