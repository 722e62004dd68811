"""Users of a WebSocket: each has made the journey, connects as the contract says, and sees whether its sockets live."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from pytest_startup.boot import raw_frames
from pytest_startup.boot.expected import same
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.line import Line
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.sockets import Socket, connect
from pytest_startup.boot.walk import Values, Walk, filled, nonce, said
from pytest_startup.chat.frames import document_of, shown, text_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.journeys import NONCE
from pytest_startup.contract.model import Contract
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.websocket import WebSocket
from pytest_startup.events.sockets import SOCKETS_WALKER

OPEN_SECONDS = 5.0
"""What a handshake may take."""

PONG_SECONDS = 5.0
"""What the answer to a ping may take."""

AT_ONCE = 20
"""How many do something at the same time; each has a thread."""

LOGIN_AT_ONCE = 3
"""How many make the journey at the same time: a password takes a processor a while, and nothing depends on haste."""

MARK = 8
"""Characters from which on a captured value tells whose something is."""

KEPT = "kept"

T = TypeVar("T")
S = TypeVar("S")


@dataclass(slots=True)
class Reply:
    """What came after something was said: the frames, up to the wanted one; `problem` is why that did not come."""

    heard: list[str] = field(default_factory=list)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """One user; several sockets may be theirs. `number` counts from 1."""

    number: int
    walk: Walk
    socket: WebSocket
    recorder: Recorder

    @property
    def name(self) -> str:
        """Who it is, as a report says it."""
        return f"user {self.number}"

    @property
    def values(self) -> Values:
        """What templates stand for, with a nonce that nobody has seen."""
        return self.walk.values.within(**{NONCE: nonce()})

    def marks(self) -> set[str]:
        """Return the texts by which it can be told that something is this user's."""
        found = map(said, self.walk.values.captured.values())
        return {text for text in found if len(text) >= MARK}

    def open(self, deadline: Deadline) -> Socket:
        """Connect; raises what `connect` raises."""
        assert self.socket.socket is not None  # noqa: S101 - the reader has joined them
        upgrade = self.walk.upgrade(self.socket.socket)
        self.recorder.keep_secret(self.walk.secrets)
        return connect(upgrade, deadline.within(OPEN_SECONDS))

    def alive(self, opened: Socket, deadline: Deadline) -> Reply:
        """See whether a socket serves its user."""
        if self.socket.alive is not None:
            return self.exchange(opened, self.socket.alive, deadline)
        reply = Reply()
        try:
            opened.send_raw(raw_frames.frame(raw_frames.PING, b"startup"), deadline)
            opened.await_pong(deadline.within(PONG_SECONDS))
        except (OSError, ValueError) as error:
            reply.problem = "no pong" if isinstance(error, TimeoutError) else silence(error)
        return reply

    def exchange(self, opened: Socket, exchange: Exchange, deadline: Deadline) -> Reply:
        """Say something, and wait for what must come back."""
        values = self.values
        wanted: JsonValue = values.filled(exchange.receive)
        reply = Reply()
        try:
            opened.send(json.dumps(values.filled(exchange.say)), deadline)
            listen(opened, reply, lambda text: same(wanted, document_of(text)), deadline.within(exchange.max_seconds))
        except (OSError, ValueError) as error:
            late = isinstance(error, TimeoutError)
            reply.problem = f"no answer within {exchange.max_seconds:g} s" if late else silence(error)
        return reply

    def lives(self, opened: Socket, deadline: Deadline) -> str:
        """Return what is wrong with a socket; empty when it serves its user."""
        return self.alive(opened, deadline).problem

    def place(self, place: Place) -> Mapping[str, object]:
        """Return a place as the agent reads it, asked for this user."""
        return filled(place.as_json(), self.values)

    def shown(self, frames: Sequence[str]) -> tuple[str, ...]:
        """Return frames as they may stand in a trace."""
        return tuple(shown(self.recorder.mask(each)) for each in frames)


@dataclass(slots=True)
class Visit:
    """All that the parts of this exercise share: the contract, the users, the line to the agent."""

    recorder: Recorder
    contract: Contract
    values: Values
    means: Means
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def socket(self) -> WebSocket:
        """What the contract says of the socket."""
        assert self.contract.websocket is not None  # noqa: S101 - else there is no visit
        return self.contract.websocket

    @property
    def line(self) -> Line | None:
        """The line to the agent, if there is one."""
        line = self.means.line
        return line if line is not None and line.attached else None

    def prepare(self, count: int, deadline: Deadline) -> None:
        """Have users make the journey, at the same time."""
        found = at_once(lambda number: self._walk(number, deadline), range(1, count + 1), LOGIN_AT_ONCE)
        walks = [walk for walk in found if walk is not None]
        self.visitors = [Visitor(n, walk, self.socket, self.recorder) for n, walk in enumerate(walks, 1)]

    def _walk(self, number: int, deadline: Deadline) -> Walk | None:
        journey = self.contract.journey(str(self.socket.journey))
        walker = Walker(self.recorder, self.values, f"{SOCKETS_WALKER} {number}", self.means)
        return walker.walk(journey.name, journey.steps, deadline)

    def measure(self, place: Mapping[str, object] | None, deadline: Deadline) -> tuple[int, str]:
        """Return how many a place holds, as the agent sees it, or -1 and why it cannot tell."""
        if self.line is None:
            return -1, "nobody is inside the application who could look"
        return self.line.measure(place, deadline)

    def until(
        self, place: Mapping[str, object] | None, good: Callable[[int], bool], seconds: float, deadline: Deadline
    ) -> tuple[int, str, float]:
        """Measure until it is good, for some seconds at most; return the last measure, its problem, and its time."""
        limit, began = deadline.within(seconds), self.recorder.elapsed()
        while True:
            count, problem = self.measure(place, deadline)
            took = self.recorder.elapsed() - began
            if problem or good(count) or limit.expired:
                return count, problem, took
            self.recorder.pause(min(0.02, max(0.001, limit.remaining())), "another look")


def of_one_user(place: Place) -> bool:
    """Whether a place is asked for each user on its own."""
    return "{" in place.text


def listen(opened: Socket, reply: Reply, wanted: Callable[[str], bool], limit: Deadline) -> None:
    """Take frames until a wanted one; raises what `receive` raises."""
    while True:
        reply.heard.append(text_of(opened.receive(limit)))
        if wanted(reply.heard[-1]):
            return


def at_once(work: Callable[[S], T], items: Sequence[S], width: int = AT_ONCE) -> list[T]:
    """Do the same with all items, `width` at the same time, and return the results in their order."""
    if not items:
        return []
    with ThreadPoolExecutor(min(width, len(items)), thread_name_prefix="startup-sockets") as pool:
        return list(pool.map(work, items))


def foreign(frames: Sequence[str], marks: Mapping[str, set[str]]) -> Iterator[tuple[str, str]]:
    """Yield frames which hold a mark of somebody, and whose it is."""
    for text in frames:
        for name, theirs in marks.items():
            if any(mark in text for mark in theirs):
                yield text, name
