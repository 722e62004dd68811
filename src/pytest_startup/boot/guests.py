"""Those who connect together: they make their journeys at once, and each has as many sockets as it takes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pytest_startup.boot.expected import same
from pytest_startup.boot.journeys import Walker
from pytest_startup.boot.line import Line
from pytest_startup.boot.listeners import Listener
from pytest_startup.boot.means import Means
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.walk import Values, Walk, filled
from pytest_startup.chat.frames import document_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.websocket import WebSocket
from pytest_startup.events.connected import CompanyMissing
from pytest_startup.events.used import PUT_SECONDS

AT_ONCE = 4
"""Users who make their journeys at the same time: few, as none of this is about journeys."""

REPLY_SECONDS = 1.0
"""How much longer we wait for the word that a call has not returned."""

LONGEST_HEARTBEAT = 4096
"""Characters of the longest message which may be one."""

CONNECT_SECONDS = 5.0
SETTLE_SECONDS = 0.2
"""How long an application may take to know a user whose socket it has accepted."""

Answers = Callable[[str], str | None]
"""From a message to what is sent back, if anything."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a call within the application gave; `raised` what it raised, `returned` whether it did so in time."""

    value: JsonValue = None
    raised: str = ""
    returned: bool = True

    @property
    def problem(self) -> str:
        """Why there is no value; empty when there is one."""
        return f"raised {self.raised}" if self.raised else "" if self.returned else "did not return in time"


@dataclass(slots=True)
class Guests:
    """Those who connect in one boot; `line` leads to the agent within the application.

    The agent's replies come to `hears`, the recorder of that boot, unless it is the one of all else.
    """

    recorder: Recorder
    contract: Contract
    line: Line
    values: Values
    means: Means = field(default_factory=Means)
    hears: Recorder | None = None

    @property
    def socket(self) -> WebSocket:
        """What the contract says of the socket; whoever is a guest has looked whether there is any."""
        assert self.contract.websocket is not None  # noqa: S101
        return self.contract.websocket

    def walks(self, wanted: Mapping[str, str], deadline: Deadline) -> dict[str, Walk]:
        """Have each of them make a journey (name -> journey); return those who came to its end."""

        def make(one: tuple[str, str]) -> Walk | None:
            name, journey = one
            walker = Walker(self.recorder, self.values, name, self.means)
            return walker.walk(journey, self.contract.journey(journey).steps, deadline)

        with ThreadPoolExecutor(max(1, min(AT_ONCE, len(wanted))), thread_name_prefix="startup-guests") as pool:
            made = list(pool.map(make, wanted.items()))
        return {name: walk for name, walk in zip(wanted, made, strict=True) if walk is not None}

    def listener(self, walk: Walk, answers: Answers = lambda _: None, **how: bool) -> Listener:
        """Return the socket of whoever has made a journey; it answers heartbeats, unless it is mute.

        `answers` is asked about messages that are none. Raises `ContractError` for a useless template.
        """
        assert self.socket.socket is not None  # noqa: S101 - the reader has seen to it
        upgrade = walk.upgrade(self.socket.socket)
        self.recorder.keep_secret(walk.secrets)
        return Listener(upgrade, self._answering(walk, answers), **how)

    def is_heartbeat(self, walk: Walk, text: str) -> bool:
        """Whether a message to whoever has made a journey is a heartbeat."""
        beat = self.socket.heartbeat
        if beat is None or beat.frame is None or len(text) > LONGEST_HEARTBEAT:
            return False
        return same(walk.values.filled(beat.frame), document_of(text))

    def _answering(self, walk: Walk, answers: Answers) -> Answers:
        beat = self.socket.heartbeat
        if beat is None or beat.answer is None:
            return answers
        answer = json.dumps(walk.values.filled(beat.answer))
        return lambda text: answer if self.is_heartbeat(walk, text) else answers(text)

    def order(self, place: Place, values: Values) -> int:
        """Have a place evaluated within the application, and return the ticket of the reply."""
        return self.line.order("call", place=filled(place.as_json(), values), limit=PUT_SECONDS)

    def reply(self, ticket: int, seconds: float = PUT_SECONDS + REPLY_SECONDS) -> Answered:
        """Wait for what an order came to."""
        found = (self.hears or self.recorder).reply(Deadline.after(seconds, "a reply"), kind="Called", ticket=ticket)
        if found is None:
            return Answered(returned=False)
        return Answered(found["value"], self.recorder.mask(found["raised"]), found["returned"])

    def missing(self, exercise: str, name: str, reason: str) -> None:
        """Record what could not be tried, and why."""
        at = self.recorder.elapsed()
        self.recorder.add(CompanyMissing(at=at, exercise=exercise, name=name, reason=self.recorder.mask(reason)))

    def since_spawn(self, moment: float) -> float:
        """Return a moment of our clock as the trace has it."""
        return moment - self.recorder.origin
