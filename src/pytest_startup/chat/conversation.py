"""One turn of one user, without input and output: frames go in, a verdict on each comes out.

turn = Conversation(contract.chat, nonce)
turn.feed('{"type": "hello", ...}', at=0.1)     # "expected", where the server speaks first
turn.ready, turn.captured
turn.asked({"user_id": "u-1"})
turn.feed('{"type": "begun", ...}', at=0.1)     # "expected"
turn.over, turn.divergence, turn.violations
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from pytest_startup.chat.contents import Contents
from pytest_startup.chat.frames import document_of, shown, text_of, type_of
from pytest_startup.chat.schemas import Judge, Violation
from pytest_startup.chat.script import START, Positions, Route
from pytest_startup.contract.chat import Chat, ExpectedEvent
from pytest_startup.contract.places import JsonValue

Verdict = Literal["ignored", "expected", "over", "wrong"]
"""Of a frame: it does not count; it had to come; it had to come and is the last one; it is the first divergence."""


GREETED, ASKED = "the connection", "the question"
"""From when on the events of a greeting, and of a turn, are counted."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a turn leaves its script first: the type it is about, what was expected, what was observed, and when.

    `at` is in seconds since the question; in a greeting, since the connection.
    """

    about: str
    expected: str
    observed: str
    at: float

    def __str__(self) -> str:
        """Return it in a line."""
        return f"{self.expected} was expected at {self.at:.2f} s: {self.observed}"


class Conversation:
    """One turn. `types` and `times` are of the events that were as they had to be, in seconds since the question.

    `greeted` are those which came before it, `captured` is what they said; `violations` of schemas are no divergences.
    `began_at` is the moment, on the clock of the caller, from which times are counted: None before it connected.
    """

    def __init__(
        self, chat: Chat, nonce: str, earlier: Iterable[str] = (), schemas: Mapping[str, Judge] | None = None
    ) -> None:
        """Begin a turn whose question holds `nonce`; with `schemas`, what an event is made of is judged by them.

        The nonces of `earlier` questions of the same user may come back too: a history holds them.
        """
        self.chat, self.nonce = chat, nonce
        self._last = chat.last
        self.greeted: list[str] = []
        self.types: list[str] = []
        self.times: list[float] = []
        self.over = False
        self.last: JsonValue = None
        self.divergence: Divergence | None = None
        self.violations: list[Violation] = []
        self.is_asked = False
        self.began_at: float | None = None
        greeting, self._script, self._events = _compiled(chat.greeting, chat.events)
        self._route, self._came_before = self._script, self.types
        if chat.greeting:
            self._route, self._came_before = greeting, self.greeted
        self._positions: Positions = START
        self._previous = 0.0
        self._schemas = schemas or {}
        self._contents = Contents(chat, nonce, earlier, self._events)

    @property
    def ready(self) -> bool:
        """Whether all has come that must come before the question."""
        return self._route is self._script

    @property
    def captured(self) -> Mapping[str, JsonValue]:
        """What the greeting said."""
        return self._contents.captured

    @property
    def run(self) -> str:
        """The id which all events have had so far; empty before the first one."""
        return self._contents.run

    def connected(self, at: float) -> None:
        """Note that it has connected; `at` is when that was, on the clock of the caller."""
        self.began_at = at

    def goes_on(self, captured: Mapping[str, JsonValue]) -> None:
        """Begin after a greeting which came before, on the same socket, and said this."""
        self._contents.captured.update(captured)
        self._route, self._came_before = self._script, self.types

    def asked(self, fields: Mapping[str, JsonValue] | None = None, at: float = 0.0) -> None:
        """Note that the question has been sent; `fields` are what each event must have, by dotted path.

        `at` is when that was, on the clock of the caller.
        """
        self._contents.want(fields or {})
        self.is_asked, self.began_at, self._previous = True, at, 0.0

    @property
    def due(self) -> float:
        """By when the next event must have come, in seconds since the question (or the connection)."""
        return self._latest(self._route.times(self._positions))

    @property
    def complete(self) -> bool:
        """Whether the turn came to its end, and nothing was wrong with it."""
        return self.over and self.divergence is None

    def feed(self, frame: str | bytes, at: float) -> Verdict:
        """Take a frame which came `at` seconds after the question; after the first divergence nothing counts."""
        if self.divergence is not None:
            return "ignored"
        text = text_of(frame)
        document = document_of(text)
        kind = type_of(document, text, self.chat.type)
        if kind not in self._events and not self._forbidding(kind) and self._is_ignored(kind):
            self._contents.pass_over(document)
            return "ignored"
        self.divergence = self._order(kind, text, at)
        if self.divergence is None:
            self._keep_to_schema(kind, document)
            self.divergence = self._wrong_in_it(kind, document, text, at)
        if self.divergence is not None:
            return "wrong"
        return self._take(kind, document, at)

    def passes(self, frame: str | bytes) -> None:
        """Take a frame which is no part of the turn, and is judged elsewhere: only its number counts."""
        self._contents.pass_over(document_of(text_of(frame)))

    def connected_again(self) -> None:
        """Note that what follows comes over another connection."""
        self._contents.connected_again()

    def silence(self, at: float) -> None:
        """Note that nothing more has come until now; that is a divergence once the next event is overdue."""
        waits = self.is_asked or not self.ready
        if waits and not self._settled and at >= self.due:
            limit = self._limit(self._route.times(self._positions))
            self.divergence = self._missing(f"nothing came within {limit}", at)

    def broken(self, why: str, at: float) -> None:
        """Note that nothing more can come, and why; that is a divergence unless the turn is over."""
        if not self._settled:
            self.divergence = self._missing(why, at)

    def refused(self, expected: str, observed: str, at: float) -> None:
        """Note that the question itself was not taken; that is a divergence unless the turn is over."""
        if not self._settled:
            about = self._route.script.expected(self._positions)[0]
            self.divergence = Divergence(about, expected, observed, at)

    @property
    def _origin(self) -> str:
        return ASKED if self.ready else GREETED

    @property
    def _settled(self) -> bool:
        return self.over or self.divergence is not None

    def _take(self, kind: str, document: JsonValue, at: float) -> Verdict:
        """Note an event that was as it had to be."""
        self._came_before.append(kind)
        self._previous = at
        if not self.ready:
            self._begin_turn(kind)
            return "expected"
        self.times.append(at)
        self.last = document
        self.over = kind == self._last
        return "over" if self.over else "expected"

    def _begin_turn(self, kind: str) -> None:
        """Go over to the turn itself after the last event of a greeting."""
        if kind == self.chat.greeting[-1].type:
            self._route, self._came_before = self._script, self.types
            self._positions = START

    def _keep_to_schema(self, kind: str, document: JsonValue) -> None:
        """Judge an event by its schema, until one of its type has not kept to it."""
        judge = self._schemas.get(kind)
        if judge is not None and all(each.about != kind for each in self.violations):
            found = judge(document)
            self.violations += [] if found is None else [found]

    # -- what may come when

    def _order(self, kind: str, text: str, at: float) -> Divergence | None:
        """Go to where the turn is after an event of this type."""
        if kind not in self._events and (word := self._forbidding(kind)):
            return self._missing(self._came(kind, text), at, expected=f"no {word}, which may never come")
        if not self.is_asked and self.ready:
            return Divergence(kind, "nothing before the question", self._came(kind, text), at)
        if self.over:
            return Divergence(kind, f"nothing after {self.chat.last}", self._came(kind, text), at)
        positions = self._route.after(self._positions, kind)
        if not positions:
            about = kind if kind in self._came_before else ""
            return self._missing(self._came(kind, text), at, about)
        times = self._route.times(self._positions, kind)
        if at > self._latest(times):
            return Divergence(kind, f"{kind} within {self._limit(times)}", f"it came after {at:.2f} s", at)
        self._positions = positions
        return None

    def _is_ignored(self, kind: str) -> bool:
        return any(fnmatchcase(kind, each) for each in self.chat.ignored)

    def _forbidding(self, kind: str) -> str:
        return next((each for each in self.chat.never if fnmatchcase(kind, each)), "")

    def _missing(self, observed: str, at: float, about: str = "", expected: str = "") -> Divergence:
        if self.over:
            return Divergence(self.chat.last, expected or f"nothing after {self.chat.last}", observed, at)
        types = self._route.script.expected(self._positions)
        after = f" after {self._came_before[-1] if self._came_before else self._origin}"
        instead = f"{expected}, but " if expected else ""
        return Divergence(about or types[0], f"{instead}{' or '.join(types)}{after}", observed, at)

    def _latest(self, times: tuple[float | None, ...]) -> float:
        """Return by when an event must have come which may take so long."""
        return min(self._previous + self._seconds(times), self.chat.max_seconds)

    def _seconds(self, times: tuple[float | None, ...]) -> float:
        chat = self.chat
        usual = chat.max_gap if self._came_before else chat.first_within
        if len(times) == 1 and times[0] is not None:
            return times[0]
        return max([usual if each is None else each for each in times], default=usual)

    def _limit(self, times: tuple[float | None, ...]) -> str:
        if self.chat.max_seconds <= self._latest(times):
            return f"{self.chat.max_seconds:g} s of {self._origin}"
        since = self._came_before[-1] if self._came_before else self._origin
        return f"{self._seconds(times):g} s of {since}"

    def _came(self, kind: str, text: str) -> str:
        again = " again" if kind in self._came_before else ""
        return f"{kind} came{again}: {shown(text)}" if kind != shown(text) else f"{kind} came{again}"

    # -- what must stand in it

    def _wrong_in_it(self, kind: str, document: JsonValue, text: str, at: float) -> Divergence | None:
        try:
            expected, observed = self._contents.wrong(kind, document, text, greets=not self.ready) or ("", "")
        except LookupError as error:
            expected, observed = f"{error.args[0]} in it", f"it has none: {shown(text)}"
        return Divergence(kind, f"{kind} with {expected}", observed, at) if expected else None


@lru_cache(maxsize=16)
def _compiled(
    greeting: tuple[ExpectedEvent, ...], events: tuple[ExpectedEvent, ...]
) -> tuple[Route, Route, Mapping[str, tuple[str | None, ...]]]:
    """Return the routes of a greeting and of a turn, and type -> where a nonce must stand."""
    paths: dict[str, tuple[str | None, ...]] = {}
    for event in (*greeting, *events):
        paths[event.type] = (*paths.get(event.type, ()), event.nonce)
    return Route(greeting), Route(events), paths
