"""Socket.IO (protocol 5, over Engine.IO 4) of a client, without input and output: bytes go in, frames come out.

A frame is the JSON of `{"event": NAME, "data": ARGUMENT}`, with `args` in place of `data` where there are several
arguments. Packets are those of the `python-socketio` library, loaded when the first one is opened; below them is the
`Dialogue` of a WebSocket, which is the transport that every server of it has besides polling.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from pytest_startup.boot.dialogue import Closed, Denied, Dialogue
from pytest_startup.boot.outgoing import Namespace, Upgrade

QUERY = "EIO=4&transport=websocket"

GOODBYE = 1000
"""The close code that stands for the goodbye of a server, which has none of its own."""

REFUSED = 403
"""The status that stands for the refusal of a namespace, which has none of its own."""

SHOWN = 80


def dialogue_of(upgrade: Upgrade) -> Dialogue:
    """Return the dialogue by which a user connects."""
    if upgrade.namespace is None:
        return Dialogue(upgrade.url, upgrade.headers, upgrade.subprotocols)
    return PacketDialogue(upgrade.url, upgrade.headers, upgrade.namespace)


def address(url: str) -> str:
    """Return where Engine.IO listens for WebSockets below a URL, whose query it keeps."""
    parts = urlsplit(url)
    return parts._replace(
        path=f"{parts.path.rstrip('/')}/", query="&".join(filter(None, [QUERY, parts.query]))
    ).geturl()


class PacketDialogue(Dialogue):
    """The client's side of one namespace; `accepted` once the namespace is connected to."""

    def __init__(self, url: str, headers: Mapping[str, str], namespace: Namespace) -> None:
        """Prepare the handshake; raises `ValueError` for a URL which is none."""
        from engineio import packet as engine  # noqa: PLC0415 (a run without Socket.IO does not pay for it)
        from socketio import packet  # noqa: PLC0415 (as above)

        super().__init__(address(url), headers)
        self._namespace, self._engine, self._packets = namespace, engine, packet
        self._joined = self._left = False
        self._partial: Any = None

    @property
    def accepted(self) -> bool:
        """Whether the namespace is connected to."""
        return self._joined

    def say(self, text: str) -> None:
        """Have an event sent; raises `Closed` when the socket is, and `ValueError` for a frame which is none."""
        if self._left:
            raise self.closed()
        self._send(self._packets.EVENT, _arguments(text))

    def leave(self, code: int = GOODBYE) -> None:
        """Have a goodbye sent, and a close frame with this code, if the socket is still open."""
        if self._joined and not self.ended:
            self._send(self._packets.DISCONNECT)
        super().leave(code)

    def hear(self, data: bytes) -> list[str | bytes]:
        """Take bytes (none: the connection has ended), and return the frames that are complete by now.

        Raises `Denied` when the handshake or the namespace is answered so.
        """
        frames: list[str | bytes] = []
        for message in super().hear(data):
            frames += self._take(message)
        self.ended = self.ended or self._left
        return frames

    def closed(self) -> Closed:
        """Return how the socket was closed."""
        return Closed(GOODBYE, words="disconnect") if self._left else super().closed()

    def _take(self, message: str | bytes) -> Iterator[str]:
        """Yield the frames which a message of Engine.IO brings; answer what wants to be answered."""
        try:
            packet = self._engine.Packet(encoded_packet=message)
            if packet.packet_type == self._engine.MESSAGE:
                yield from self._packet(packet.data)
                return
        except ValueError:
            raise Denied(0, words=f"no Socket.IO: {str(message)[:SHOWN]!r}") from None
        if packet.packet_type == self._engine.OPEN:
            self._send(self._packets.CONNECT, dict(self._namespace.auth) or None)
        elif packet.packet_type == self._engine.PING:
            super().say(self._engine.Packet(self._engine.PONG, packet.data).encode())
        elif packet.packet_type == self._engine.CLOSE:
            self._left = True

    def _packet(self, data: Any) -> Iterator[str]:  # noqa: ANN401 (of the library)
        """Yield the frame of a packet of ours; what it is of binary parts comes after it."""
        if isinstance(data, bytes):
            packet = self._partial
            if packet is None or not packet.add_attachment(data):
                return
        else:
            packet = self._packets.Packet(encoded_packet=data if isinstance(data, str) else json.dumps(data))
            if packet.attachment_count:
                self._partial = packet
                return
        self._partial = None
        if (packet.namespace or "/") == self._namespace.name:
            yield from self._of_ours(packet)

    def _of_ours(self, packet: Any) -> Iterator[str]:  # noqa: ANN401 (of the library)
        kinds = self._packets
        if packet.packet_type == kinds.CONNECT:
            self._joined = True
        elif packet.packet_type == kinds.CONNECT_ERROR:
            raise Denied(REFUSED, words=f"connect_error: {_reason(packet.data)}")
        elif packet.packet_type == kinds.DISCONNECT:
            self._left = True
        elif packet.packet_type in (kinds.EVENT, kinds.BINARY_EVENT):
            if packet.id is not None:  # whoever waits for it shall not wait in vain
                self._send(kinds.ACK, [], packet.id)
            yield _frame(packet.data)

    def _send(self, kind: int, data: Any = None, number: int | None = None) -> None:  # noqa: ANN401 (JSON)
        packet = self._packets.Packet(kind, data, namespace=self._namespace.name, id=number)
        super().say(self._engine.Packet(self._engine.MESSAGE, packet.encode()).encode())


def _arguments(text: str) -> list[Any]:
    """Return the name and the arguments of an event which is written as a frame."""
    frame = json.loads(text)
    if not isinstance(frame, Mapping) or not isinstance(frame.get("event"), str):
        raise ValueError(  # noqa: TRY004 - it is what the text says that is wrong
            f'a frame of Socket.IO is {{"event": NAME, "data": ...}}, not {text[:SHOWN]}'
        )
    arguments = frame["args"] if "args" in frame else [frame["data"]] if "data" in frame else []
    return [frame["event"], *arguments]


def _frame(data: Sequence[Any]) -> str:
    """Return an event as a frame; bytes in it become text."""
    name, *arguments = data
    said = {"data": arguments[0]} if len(arguments) == 1 else {"args": arguments} if arguments else {}
    return json.dumps({"event": name, **said}, default=lambda part: part.decode(errors="replace"))


def _reason(data: Any) -> str:  # noqa: ANN401 (JSON)
    message = data.get("message") if isinstance(data, Mapping) else data
    return message if isinstance(message, str) else json.dumps(data)
