"""Messages to a WebSocket: those which it understands, and those which are no good."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from pytest_startup.boot import raw_frames
from pytest_startup.boot.expected import same
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket
from pytest_startup.boot.visitors import Reply, Visit, Visitor, at_once, listen
from pytest_startup.chat.frames import document_of, type_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.payloads import Payload, payloads
from pytest_startup.contract.websocket import named
from pytest_startup.events.sockets import InputTried, RouteTried

ANSWER_SECONDS = 5.0
"""How long an answer that must come is waited for."""

SILENT_SECONDS = 0.3
"""How long one is waited for that need not come."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How frames are told apart: what says that something was no good, what may come at any time, and what else."""

    visit: Visit

    def refuses(self, text: str) -> bool:
        """Whether a frame says that a message was no good."""
        wanted = self.visit.socket.error
        return wanted is not None and same(dict(wanted), document_of(text))

    def counts(self, text: str) -> bool:
        """Whether a frame answers anything: of no type that may come at any time."""
        chat = self.visit.contract.chat
        kind = type_of(document_of(text), text, chat.type if chat is not None else "type")
        return chat is None or not any(fnmatchcase(kind, each) for each in chat.ignored)

    def ends(self, text: str) -> bool:
        """Whether a frame is the last one of a turn of the chat."""
        chat = self.visit.contract.chat
        return chat is None or type_of(document_of(text), text, chat.type) == chat.last


@dataclass(slots=True)
class Meeting:
    """What became of a socket over which something odd was sent: `ended` and `alive` as in `InputTried`."""

    reply: Reply = field(default_factory=Reply)
    served: bool = False
    ended: str = ""
    alive: str = ""

    @property
    def over(self) -> bool:
        """Whether the socket is of no use any more."""
        return bool(self.ended or self.alive)

    def look(self, user: Visitor, opened: Socket, deadline: Deadline) -> None:
        """Look whether it still serves its user; that it has ended may be seen only now."""
        self.alive = user.lives(opened, deadline)
        if self.alive.startswith(("closed", "reset")):
            self.ended, self.alive = self.alive, ""


@dataclass(slots=True)
class Witness:
    """Somebody else's socket, which has to live whatever is done to others; it can be asked from many threads."""

    user: Visitor
    opened: Socket
    deadline: Deadline
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def lives(self) -> str:
        """Return what is wrong with it; empty when nothing is."""
        with self._lock:
            return self.user.lives(self.opened, self.deadline)


@dataclass(frozen=True, slots=True)
class Routes:
    """Sends every message that is understood."""

    visit: Visit
    users: list[Visitor]
    deadline: Deadline

    def all(self) -> None:
        """Send each on a socket of its own, by one user after the other: what one begins, the next need not hear."""
        for place, (name, exchange) in enumerate(named(self.visit.socket.routes)):
            if self.deadline.expired:
                return
            user = self.users[place % len(self.users)]
            try:
                with user.open(self.deadline) as opened:
                    reply = user.exchange(opened, exchange, self.deadline)
            except (OSError, ValueError, EOFError) as error:
                reply = Reply(problem=silence(error))
            if not self.deadline.expired:
                self._record(name, user, reply)

    def _record(self, name: str, user: Visitor, reply: Reply) -> None:
        recorder, heard = self.visit.recorder, user.shown(reply.heard)
        problem = recorder.mask(reply.problem)
        recorder.add(RouteTried(at=recorder.elapsed(), route=name, heard=heard, problem=problem))


@dataclass(slots=True)
class Payloads:
    """Sends every message that is no good, by several users at once."""

    visit: Visit
    users: list[Visitor]
    witness: Witness
    deadline: Deadline

    def all(self) -> None:
        """Send all of them, each user some, one after another over the same socket as long as that is open."""
        found, count = list(payloads(self.visit.contract)), len(self.users)
        at_once(self._send, [(user, found[place::count]) for place, user in enumerate(self.users)])

    def _send(self, share: tuple[Visitor, list[Payload]]) -> None:
        user, mine = share
        with ExitStack() as stack:
            opened: Socket | None = None
            for payload in mine:
                if self.deadline.expired:
                    return
                met = Meeting()
                try:
                    opened = opened or stack.enter_context(user.open(self.deadline))
                except (OSError, ValueError, EOFError) as error:
                    met.ended = f"no socket for it: {silence(error)}"
                else:
                    self._try(user, payload, opened, met)
                self._record(user, payload, met)
                opened = None if met.over else opened

    def _try(self, user: Visitor, payload: Payload, opened: Socket, met: Meeting) -> None:
        """Send one, and see what becomes of the socket."""
        judging = Judging(self.visit)
        try:
            _say(user, payload, opened, self.deadline)
            self._hear(payload, opened, met.reply)
            if not payload.wrong and _served(met.reply, judging):  # it has begun something: let it end before the next
                listen(opened, Reply(), judging.ends, self.deadline.within(ANSWER_SECONDS))
        except TimeoutError:
            met.ended = ""
        except (OSError, ValueError) as error:
            met.ended = silence(error)
        if not met.ended:
            met.look(user, opened, self.deadline)

    def _hear(self, payload: Payload, opened: Socket, reply: Reply) -> None:
        """Wait for what answers a message: what says that it is no good, where that must come."""
        judging, strict = Judging(self.visit), self.visit.socket.error is not None
        wanted: Callable[[str], bool] = judging.refuses if strict and payload.wrong else judging.counts
        listen(opened, reply, wanted, self.deadline.within(ANSWER_SECONDS if strict else SILENT_SECONDS))

    def _record(self, user: Visitor, payload: Payload, met: Meeting) -> None:
        witness, recorder, judging = self.witness.lives(), self.visit.recorder, Judging(self.visit)
        if self.deadline.expired:
            return
        recorder.add(
            InputTried(
                at=recorder.elapsed(),
                part="payloads",
                name=payload.name,
                heard=user.shown(met.reply.heard),
                refused=any(map(judging.refuses, met.reply.heard)),
                served=_served(met.reply, judging),
                ended=met.ended,
                alive=met.alive,
                witness=witness,
            )
        )


def _served(reply: Reply, judging: Judging) -> bool:
    return any(judging.counts(text) and not judging.refuses(text) for text in reply.heard)


def _say(user: Visitor, payload: Payload, opened: Socket, deadline: Deadline) -> None:
    if isinstance(payload.raw, bytes):
        opened.send_raw(raw_frames.frame(raw_frames.BINARY, payload.raw), deadline)
    elif payload.raw is not None:
        opened.send(payload.raw, deadline)
    else:
        opened.send(json.dumps(user.values.filled(payload.document)), deadline)
