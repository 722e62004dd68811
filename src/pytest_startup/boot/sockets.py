"""A client of WebSockets (RFC 6455) on a plain socket: nothing waits beyond its deadline, no thread of its own.

The protocol itself is that of the `websockets` library, its part without input and output; loaded when the first
socket is opened.
"""

from __future__ import annotations

import socket
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from pytest_startup.clock import Deadline

if TYPE_CHECKING:
    from websockets.client import ClientProtocol

CHUNK = 65536
CLOSE_SECONDS = 0.5
GONE = 1006
"""The close code of a connection that ended without one."""


class Denied(ConnectionError):
    """The upgrade was answered by another status than 101."""

    def __init__(self, status: int) -> None:
        """Take the `status`."""
        super().__init__(f"denied {status}")
        self.status = status


class Closed(ConnectionError):
    """The other side has closed the socket, or is gone (1006)."""

    def __init__(self, code: int) -> None:
        """Take the `code` of the close frame."""
        super().__init__(f"closed {code}")
        self.code = code


class Socket:
    """A WebSocket that is open. Whatever waits raises `TimeoutError` at its deadline, and `Closed` at the end."""

    def __init__(self, stream: socket.socket, protocol: ClientProtocol) -> None:
        """Take a connection whose handshake is still to come."""
        self._stream, self._protocol = stream, protocol
        self._frames: deque[str | bytes] = deque()
        self._parts: list[bytes] = []
        self._text = False
        self._over = False

    @classmethod
    def open(
        cls,
        url: str,
        deadline: Deadline,
        headers: Mapping[str, str] | None = None,
        subprotocols: Sequence[str] = (),
    ) -> Self:
        """Connect to a ws(s) or http(s) URL; raises `Denied`, `OSError`, or `TimeoutError` at the deadline."""
        from websockets.client import ClientProtocol  # noqa: PLC0415 (a run without sockets does not pay for it)
        from websockets.uri import parse_uri  # noqa: PLC0415 (as above)

        parts = urlsplit(url)
        secure = parts.scheme in {"https", "wss"}
        address = (parts.hostname or "127.0.0.1", parts.port or (443 if secure else 80))
        stream = socket.create_connection(address, timeout=_left(deadline))
        try:
            if secure:
                stream = ssl.create_default_context().wrap_socket(stream, server_hostname=address[0])
            scheme = "wss" if secure else "ws"
            names: Any = list(subprotocols) or None
            protocol = ClientProtocol(parse_uri(parts._replace(scheme=scheme).geturl()), subprotocols=names)
            opened = cls(stream, protocol)
            opened._shake_hands(headers or {}, deadline)
        except BaseException:
            stream.close()
            raise
        return opened

    def __enter__(self) -> Self:
        """Return itself; it is closed at the end of the block."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def send(self, text: str, deadline: Deadline) -> None:
        """Send a text frame."""
        from websockets.exceptions import InvalidState  # noqa: PLC0415 (as above)

        try:
            self._protocol.send_text(text.encode())
        except InvalidState:
            raise self._closed() from None
        self._flush(deadline)

    def receive(self, deadline: Deadline) -> str | bytes:
        """Return the next message."""
        while not self._frames:
            self._read(deadline)
        return self._frames.popleft()

    def close(self) -> None:
        """Say goodbye, and wait a moment for the answer."""
        deadline = Deadline.after(CLOSE_SECONDS, "closing a socket")
        from websockets.exceptions import WebSocketException  # noqa: PLC0415 (as above)

        with self._stream, suppress(OSError):
            with suppress(WebSocketException):  # it is not open any more
                self._protocol.send_close(1000)
                self._flush(deadline)
            while True:
                self._read(deadline)
                self._frames.clear()

    def _shake_hands(self, headers: Mapping[str, str], deadline: Deadline) -> None:
        request = self._protocol.connect()
        for name, value in headers.items():
            request.headers[name] = value
        self._protocol.send_request(request)
        self._flush(deadline)
        from websockets.http11 import Response  # noqa: PLC0415 (as above)

        while True:
            self._stream.settimeout(_left(deadline))
            data = self._stream.recv(CHUNK)
            self._feed(data)
            events = self._protocol.events_received()
            if events and isinstance(events[0], Response):
                if self._protocol.handshake_exc is not None:
                    raise Denied(events[0].status_code)
                self._take(events[1:])  # the server may say something at once
                return
            if not data:
                raise ConnectionResetError

    def _read(self, deadline: Deadline) -> None:
        """Take what comes; raises `Closed` once nothing will come any more."""
        ended = self._protocol.close_rcvd is not None  # it may have come with what was read before
        if not ended:
            self._stream.settimeout(_left(deadline))
            try:
                data = self._stream.recv(CHUNK)
            except ConnectionError:
                data = b""
            self._feed(data)
            self._take(self._protocol.events_received())
            ended = not data
        with suppress(OSError):
            self._flush(deadline)
        if (ended or self._protocol.close_rcvd is not None) and not self._frames:
            raise self._closed()

    def _closed(self) -> Closed:
        told = self._protocol.close_rcvd
        return Closed(GONE if told is None else told.code)

    def _feed(self, data: bytes) -> None:
        if data:
            self._protocol.receive_data(data)
        elif not self._over:
            self._over = True
            self._protocol.receive_eof()

    def _take(self, events: Sequence[object]) -> None:
        """Put the parts of messages together."""
        from websockets.frames import Frame, Opcode  # noqa: PLC0415 (as above)

        for event in events:
            if isinstance(event, Frame) and event.opcode in {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}:
                if event.opcode is not Opcode.CONT:
                    self._parts, self._text = [], event.opcode is Opcode.TEXT
                self._parts.append(bytes(event.data))
                if event.fin:
                    whole = b"".join(self._parts)
                    self._frames.append(whole.decode(errors="replace") if self._text else whole)

    def _flush(self, deadline: Deadline) -> None:
        self._stream.settimeout(_left(deadline))
        for data in self._protocol.data_to_send():
            if data:
                self._stream.sendall(data)
            else:
                with suppress(OSError):
                    self._stream.shutdown(socket.SHUT_WR)


def _left(deadline: Deadline) -> float:
    """Return what a socket may still wait; raises `TimeoutError` once that is nothing."""
    if deadline.expired:
        raise TimeoutError
    return max(0.001, deadline.remaining())
