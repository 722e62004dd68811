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
from pytest_startup.boot.visitors import Reply, Visit, Visitor, at_once, listen, within
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
                try:
                    opened = opened or stack.enter_context(user.open(self.deadline))
                except (OSError, ValueError, EOFError) as error:
                    self._record(user, payload, Reply(), f"no socket for it: {silence(error)}", "")
                    continue
                opened = self._try(user, payload, opened)

    def _try(self, user: Visitor, payload: Payload, opened: Socket) -> Socket | None:
        """Send one, and return the socket if it is still open."""
        reply, ended, judging = Reply(), "", Judging(self.visit)
        try:
            _say(user, payload, opened, self.deadline)
            self._hear(payload, opened, reply)
            if not payload.wrong and _served(
                reply, judging
            ):  # it has begun something, whose end must not answer the next one
                listen(opened, Reply(), judging.ends, within(ANSWER_SECONDS, self.deadline))
        except TimeoutError:
            ended = ""
        except (OSError, ValueError) as error:
            ended = silence(error)
        alive = "" if ended else user.lives(opened, self.deadline)
        if alive.startswith(("closed", "reset")):
            ended, alive = alive, ""
        self._record(user, payload, reply, ended, alive)
        return None if ended or alive else opened

    def _hear(self, payload: Payload, opened: Socket, reply: Reply) -> None:
        """Wait for what answers a message: what says that it is no good, where that must come."""
        judging, strict = Judging(self.visit), self.visit.socket.error is not None
        wanted: Callable[[str], bool] = judging.refuses if strict and payload.wrong else judging.counts
        listen(opened, reply, wanted, within(ANSWER_SECONDS if strict else SILENT_SECONDS, self.deadline))

    def _record(self, user: Visitor, payload: Payload, reply: Reply, ended: str, alive: str) -> None:
        witness, recorder, judging = self.witness.lives(), self.visit.recorder, Judging(self.visit)
        if self.deadline.expired:
            return
        recorder.add(
            InputTried(
                at=recorder.elapsed(),
                part="payloads",
                name=payload.name,
                heard=user.shown(reply.heard),
                refused=any(map(judging.refuses, reply.heard)),
                served=_served(reply, judging),
                ended=ended,
                alive=alive,
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
