"""What breaks the protocol of WebSockets, or is unusual in it (RFC 6455), sent to an application frame by frame."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pytest_startup.boot import raw_frames
from pytest_startup.boot.expected import same
from pytest_startup.boot.inputs import Judging, Meeting, Witness
from pytest_startup.boot.raw_frames import BINARY, CLOSE, CONTINUATION, PING, TEXT, close, frame
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.visitors import Visit, Visitor, listen
from pytest_startup.chat.frames import document_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.malformed import GOOD, KINDS, UNFINISHED
from pytest_startup.contract.places import JsonValue
from pytest_startup.events.sockets import InputTried

ANSWER_SECONDS = 5.0
"""How long an answer is waited for, or a close frame."""

LARGEST = 17 << 20
"""Bytes of a message where the contract names no limit: more than servers take by default (16 MiB)."""

NO_TEXT = b"\xce\xba\xff\xfe"
"""Bytes that are no UTF-8, behind some that are."""

_SENT: Mapping[str, bytes] = {
    "invalid-utf8": frame(TEXT, NO_TEXT),
    "reserved-bit": frame(TEXT, b"{}", reserved=0b100),
    "reserved-opcode": frame(0x3, b"{}"),
    "unmasked": frame(TEXT, b"{}", masked=False),
    "ping-too-long": frame(PING, b"x" * 126),
    "ping-in-fragments": frame(PING, b"x", final=False) + frame(CONTINUATION, b"x"),
    "continuation-of-nothing": frame(CONTINUATION, b"{}"),
    "message-within-message": frame(TEXT, b"{", final=False) + frame(TEXT, b"}"),
    "half-a-frame": frame(BINARY, b"x" * 1000)[:100],
    "close-999": close(999),
    "close-1005": close(1005),
    "close-1006": close(1006),
    "close-5000": close(5000),
    "close-of-one-byte": frame(CLOSE, b"\x03"),
    "close-reason-invalid-utf8": close(1000, NO_TEXT),
}


@dataclass(frozen=True, slots=True)
class Protocol:
    """Sends each of it on a connection of its own, one after another, while somebody else's goes on."""

    visit: Visit
    users: list[Visitor]
    witness: Witness
    deadline: Deadline

    def all(self) -> None:
        """Send all of it, by one user after the other."""
        for place, kind in enumerate(KINDS):
            if not self.deadline.expired:
                self._try(kind, self.users[place % len(self.users)])

    def _try(self, kind: str, user: Visitor) -> None:
        met = Meeting()
        try:
            opened = user.open(self.deadline)
        except (OSError, ValueError, EOFError) as error:
            met.ended = f"no socket for it: {silence(error)}"
        else:
            self._meet(kind, user, opened, met)
            opened.drop()
        self._record(kind, user, met)

    def _meet(self, kind: str, user: Visitor, opened: Socket, met: Meeting) -> None:
        """Send it, wait for what answers it, and look whether the socket lives."""
        try:
            wanted = self._send(kind, user, opened)
            if wanted is not None:
                listen(opened, met.reply, wanted, self.deadline.within(ANSWER_SECONDS))
            met.served = kind in GOOD
        except TimeoutError:
            met.ended = ""
        except (OSError, ValueError) as error:
            met.ended = silence(error)
        if not met.ended and kind not in UNFINISHED:
            met.look(user, opened, self.deadline)

    def _send(self, kind: str, user: Visitor, opened: Socket) -> Callable[[str], bool] | None:
        """Send it, and return by what its answer is known; None where there is none to wait for."""
        judging = Judging(self.visit)
        if kind in GOOD:
            exchange = self._exchange()
            values = user.values
            wanted: JsonValue = {} if exchange is None else values.filled(exchange.receive)
            said = b"{}" if exchange is None else json.dumps(values.filled(exchange.say)).encode()
            opened.send_raw(_pieces(kind, said), self.deadline)
            return None if exchange is None else lambda text: same(wanted, document_of(text))
        if kind == "oversized":
            longest = self.visit.socket.max_bytes
            opened.send_long(frame(TEXT, b"x" * (LARGEST if longest is None else longest + 1)), self.deadline)
        else:
            opened.send_raw(_SENT[kind], self.deadline)
        return None if kind in UNFINISHED else judging.refuses

    def _exchange(self) -> Exchange | None:
        """Return a message that is understood."""
        return self.visit.socket.alive or next(iter(self.visit.socket.routes), None)

    def _record(self, kind: str, user: Visitor, met: Meeting) -> None:
        witness, recorder, judging = self.witness.lives(), self.visit.recorder, Judging(self.visit)
        if self.deadline.expired:
            return
        recorder.add(
            InputTried(
                at=recorder.elapsed(),
                part="protocol",
                name=kind,
                heard=user.shown(met.reply.heard),
                refused=any(map(judging.refuses, met.reply.heard)),
                served=met.served,
                ended=met.ended,
                alive=met.alive,
                witness=witness,
            )
        )


def _pieces(kind: str, said: bytes) -> bytes:
    """Return a message in fragments: two with a ping between them, or one for each byte."""
    if kind == "ping-within-message":
        half = len(said) // 2
        head, tail = frame(TEXT, said[:half], final=False), frame(CONTINUATION, said[half:])
        return head + frame(raw_frames.PING, b"between") + tail
    parts = [frame(TEXT if at == 0 else CONTINUATION, said[at : at + 1], final=False) for at in range(len(said))]
    return b"".join(parts) + frame(CONTINUATION)
