"""One WebSocket (RFC 6455) of a client, without input and output: bytes go in, messages come out.

The protocol itself is that of the `websockets` library, its part without input and output; loaded when the first one is
opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

GONE = 1006
"""The close code of a connection that ended without one."""


class Denied(ConnectionError):
    """The upgrade was answered by another status than 101; or, where a transport has words for it, by those."""

    def __init__(self, status: int, headers: Sequence[tuple[str, str]] = (), words: str = "") -> None:
        """Take the `status`, the headers of the answer, and the `words` in place of the status."""
        super().__init__(f"denied {words or status}")
        self.status, self.headers = status, headers


class Closed(ConnectionError):
    """The other side has closed the socket, or is gone (1006)."""

    def __init__(self, code: int, reason: str = "", words: str = "") -> None:
        """Take the `code` and the reason of the close frame, and the `words` in its place where there are some."""
        super().__init__(f"closed {words or code}")
        self.code, self.reason = code, reason


class Dialogue:
    """The client's side of a socket. `accepted` once its handshake is done, `ended` once nothing will come any more.

    `host`, `port` and `secure` say where to connect, `pings` how many pings of the protocol have come, `pongs` how many
    of ours have been answered.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None, subprotocols: Sequence[str] = ()) -> None:
        """Prepare the handshake for a ws(s) or http(s) URL; raises `ValueError` for another one."""
        from websockets.client import ClientProtocol  # noqa: PLC0415 (a run without sockets does not pay for it)
        from websockets.frames import Frame, Opcode  # noqa: PLC0415 (as above)
        from websockets.uri import parse_uri  # noqa: PLC0415 (as above)

        parts = urlsplit(url)
        self.secure = parts.scheme in {"https", "wss"}
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or (443 if self.secure else 80)
        names: Any = list(subprotocols) or None
        uri = parse_uri(parts._replace(scheme="wss" if self.secure else "ws").geturl())
        self._protocol = ClientProtocol(uri, subprotocols=names)
        self.upgraded = self.ended = False
        self._frame, self._kinds, self._rest = Frame, (Opcode.TEXT, Opcode.BINARY, Opcode.CONT), Opcode.CONT
        self._ping, self.pings = Opcode.PING, 0
        self._pong = Opcode.PONG
        self.pongs = 0
        self._parts: list[bytes] = []
        self._text = self._over = False
        request = self._protocol.connect()
        for name, value in (headers or {}).items():
            request.headers[name] = value
        self._protocol.send_request(request)

    @property
    def accepted(self) -> bool:
        """Whether it is open for messages."""
        return self.upgraded

    def outgoing(self) -> list[bytes]:
        """Return what is to be sent; an empty part stands for the end."""
        return self._protocol.data_to_send()

    def say(self, text: str) -> None:
        """Have a text frame sent; raises `Closed` when the socket is."""
        from websockets.exceptions import InvalidState  # noqa: PLC0415 (as above)

        try:
            self._protocol.send_text(text.encode())
        except InvalidState:
            raise self.closed() from None

    def leave(self, code: int = 1000) -> None:
        """Have a close frame with this code sent, if the socket is still open."""
        from websockets.exceptions import WebSocketException  # noqa: PLC0415 (as above)

        with suppress(WebSocketException):
            self._protocol.send_close(code)

    def hear(self, data: bytes) -> list[str | bytes]:
        """Take bytes (none: the connection has ended), and return the messages that are complete by now.

        Raises `Denied` when the handshake is answered so.
        """
        if data:
            self._protocol.receive_data(data)
        elif not self._over:
            self._over = True
            self._protocol.receive_eof()
        events = self._protocol.events_received()
        if not self.upgraded and events:
            self._shake_hands(events.pop(0))
        self.ended = self._over or self._protocol.close_rcvd is not None
        return self._messages(events)

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol which the other side has chosen."""
        return self._protocol.subprotocol

    def closed(self) -> Closed:
        """Return how the socket was closed."""
        told = self._protocol.close_rcvd
        return Closed(GONE) if told is None else Closed(told.code, told.reason)

    def _shake_hands(self, response: Any) -> None:  # noqa: ANN401 (of the library)
        if self._protocol.handshake_exc is not None:
            raise Denied(response.status_code, tuple(response.headers.raw_items()))
        self.upgraded = True

    def _messages(self, events: Sequence[object]) -> list[str | bytes]:
        """Put the parts of messages together."""
        found: list[str | bytes] = []
        for event in events:
            self.pings += isinstance(event, self._frame) and event.opcode is self._ping
            self.pongs += isinstance(event, self._frame) and event.opcode is self._pong
            if isinstance(event, self._frame) and event.opcode in self._kinds:
                if event.opcode is not self._rest:
                    self._parts, self._text = [], event.opcode is self._kinds[0]
                self._parts.append(bytes(event.data))
                if event.fin:
                    whole = b"".join(self._parts)
                    found.append(whole.decode(errors="replace") if self._text else whole)
        return found
