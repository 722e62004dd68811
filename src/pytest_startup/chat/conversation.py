"""One turn of one user, without input and output: frames go in, a verdict on each comes out.

turn = Conversation(contract.chat, nonce, {"user_id": "u-1"})
turn.asked(at=0.0)
turn.feed('{"type": "begun", ...}', at=0.1)     # "expected"
turn.over, turn.divergence
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Literal

from pytest_startup.chat import nonces
from pytest_startup.chat.frames import at as look
from pytest_startup.chat.frames import document_of, shown, text_of, type_of
from pytest_startup.chat.script import START, Position, Script
from pytest_startup.contract.chat import Chat, ExpectedEvent
from pytest_startup.contract.places import JsonValue

Verdict = Literal["ignored", "expected", "over", "wrong"]
"""Of a frame: it does not count; it had to come; it had to come and is the last one; it is the first divergence."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a turn leaves its script first: the type it is about, what was expected, what was observed, and when.

    `at` is in seconds since the question.
    """

    about: str
    expected: str
    observed: str
    at: float

    def __str__(self) -> str:
        """Return it in a line."""
        return f"{self.expected} was expected at {self.at:.2f} s: {self.observed}"


class Conversation:
    """One turn. `types` and `times` are of the events that were as they had to be, in seconds since the question."""

    def __init__(
        self, chat: Chat, nonce: str, fields: Mapping[str, JsonValue] | None = None, earlier: Iterable[str] = ()
    ) -> None:
        """Begin a turn whose question holds `nonce`; `fields` are what each event must have, by dotted path.

        The nonces of `earlier` questions of the same user may come back too: a history holds them.
        """
        self.chat, self.nonce, self.fields = chat, nonce, fields or {}
        self.types: list[str] = []
        self.times: list[float] = []
        self.run = ""
        self.over = False
        self.last: JsonValue = None
        self.divergence: Divergence | None = None
        self._script, self._events, self._after = _compiled(chat.events)
        self._wanted = {path: (value, _said(value)) for path, value in self.fields.items()}
        self._positions: frozenset[Position] = frozenset({START})
        self._open: dict[tuple[str, JsonValue], str] = {}
        self._closed: set[tuple[str, JsonValue]] = set()
        self._asked = False
        self._own = {nonce, *earlier}

    def asked(self) -> None:
        """Note that the question has been sent."""
        self._asked = True

    @property
    def due(self) -> float:
        """By when the next event must have come, in seconds since the question."""
        chat = self.chat
        next_one = self.times[-1] + chat.max_gap if self.times else chat.first_within
        return min(next_one, chat.max_seconds)

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
        if kind not in self._events and any(fnmatchcase(kind, each) for each in self.chat.ignored):
            return "ignored"
        problem = self._order(kind, text, at) or self._contents(kind, document, text, at)
        if problem is not None:
            self.divergence = problem
            return "wrong"
        self.types.append(kind)
        self.times.append(at)
        self.last = document
        self.over = kind == self.chat.last
        return "over" if self.over else "expected"

    def silence(self, at: float) -> None:
        """Note that nothing more has come until now; that is a divergence once the next event is overdue."""
        if not self.over and self.divergence is None and at >= self.due:
            self.divergence = self._missing(f"nothing came within {self._limit()}", at)

    def broken(self, why: str, at: float) -> None:
        """Note that nothing more can come, and why; that is a divergence unless the turn is over."""
        if not self.over and self.divergence is None:
            self.divergence = self._missing(why, at)

    # -- what may come when

    def _order(self, kind: str, text: str, at: float) -> Divergence | None:
        """Go to where the turn is after an event of this type."""
        if not self._asked:
            return Divergence(kind, "nothing before the question", self._came(kind, text), at)
        if self.over:
            return Divergence(kind, f"nothing after {self.chat.last}", self._came(kind, text), at)
        positions = self._after.get((self._positions, kind))
        if positions is None:
            positions = self._after[self._positions, kind] = self._script.after(self._positions, kind)
        if not positions:
            about = kind if kind in self.types else ""
            return self._missing(self._came(kind, text), at, about)
        if at > self.due:
            return Divergence(kind, f"{kind} within {self._limit()}", f"it came after {at:.2f} s", at)
        self._positions = positions
        return None

    def _missing(self, observed: str, at: float, about: str = "") -> Divergence:
        expected = self._script.expected(self._positions)
        after = f" after {self.types[-1]}" if self.types else " after the question"
        return Divergence(about or expected[0], f"{' or '.join(expected)}{after}", observed, at)

    def _limit(self) -> str:
        chat = self.chat
        if chat.max_seconds <= self.due:
            return f"{chat.max_seconds:g} s of the question"
        if self.times:
            return f"{chat.max_gap:g} s of {self.types[-1]}"
        return f"{chat.first_within:g} s of the question"

    def _came(self, kind: str, text: str) -> str:
        again = " again" if kind in self.types else ""
        return f"{kind} came{again}: {shown(text)}" if kind != shown(text) else f"{kind} came{again}"

    # -- what must stand in it

    def _contents(self, kind: str, document: JsonValue, text: str, at: float) -> Divergence | None:
        try:
            expected, observed = (
                self._foreign(text)
                or self._run(document)
                or self._fields(document)
                or self._pair(kind, document)
                or self._nonce(kind, document)
                or ("", "")
            )
        except LookupError as error:
            expected, observed = f"{error.args[0]} in it", f"it has none: {shown(text)}"
        return Divergence(kind, f"{kind} with {expected}", observed, at) if expected else None

    def _foreign(self, text: str) -> tuple[str, str] | None:
        others = [each for each in nonces.within(text) if each not in self._own]
        return ("nothing of another question", f"it holds {others[0]}: {shown(text)}") if others else None

    def _run(self, document: JsonValue) -> tuple[str, str] | None:
        if self.chat.run is None:
            return None
        found = _said(_at(document, self.chat.run))
        if not self.run:
            self.run = found
        return (f"{self.chat.run} {self.run}, as before", f"{self.chat.run} is {found}") if found != self.run else None

    def _fields(self, document: JsonValue) -> tuple[str, str] | None:
        for path, (wanted, said) in self._wanted.items():
            found = _at(document, path)
            if found != wanted and _said(found) != said:
                return f"{path} {said}", f"{path} is {_said(found)}"
        return None

    def _pair(self, kind: str, document: JsonValue) -> tuple[str, str] | None:
        """Match what belongs together; at the end of the turn nothing may be left open."""
        for pair in self.chat.pairs:
            if kind not in (pair.begin, pair.end):
                continue
            key = (pair.begin, _said(_at(document, pair.id)))
            if kind == pair.begin:
                if key in self._open or key in self._closed:
                    return f"a new {pair.id}", f"{pair.id} {key[1]} has come before"
                self._open[key] = pair.end
            elif self._open.pop(key, None) is None:
                return f"the {pair.id} of a {pair.begin}", f"{pair.id} is {key[1]}, which none had"
            else:
                self._closed.add(key)
        if kind == self.chat.last and self._open:
            (begin, number), end = next(iter(self._open.items()))
            return f"every {begin} ended before", f"no {end} came for {number}"
        return None

    def _nonce(self, kind: str, document: JsonValue) -> tuple[str, str] | None:
        paths = [path for path in self._events[kind] if path is not None]
        paths += [self.chat.answer] if kind == self.chat.last and self.chat.answer is not None else []
        for path in paths:
            found = _said(_at(document, path))
            if self.nonce not in found:
                return f"the nonce {self.nonce} of the question in {path}", f"{path} is {shown(found)!r}"
        return None


Transitions = dict[tuple[frozenset[Position], str], frozenset[Position]]


@lru_cache(maxsize=16)
def _compiled(events: tuple[ExpectedEvent, ...]) -> tuple[Script, Mapping[str, tuple[str | None, ...]], Transitions]:
    """Return the script of a turn, type -> where a nonce must stand, and the transitions which have been made."""
    paths: dict[str, tuple[str | None, ...]] = {}
    for event in events:
        paths[event.type] = (*paths.get(event.type, ()), event.nonce)
    return Script.of(events), paths, {}


def _at(document: JsonValue, path: str) -> JsonValue:
    """Return what stands at a path; raises `LookupError` with the whole path."""
    try:
        return look(document, path)
    except LookupError:
        raise LookupError(path) from None


def _said(value: JsonValue) -> str:
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else json.dumps(value)
