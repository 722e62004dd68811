"""What must stand in the events of a turn: whose they are, which run's, what they answer, and what they belong to."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Mapping
from contextlib import suppress
from itertools import count

from pytest_startup.chat import nonces
from pytest_startup.chat.frames import at as look
from pytest_startup.chat.frames import shown
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.places import JsonValue

Wrong = tuple[str, str] | None
"""What was expected in a frame, and what was observed."""


class Contents:
    """What the events of one turn have said so far. `captured` is what its greeting said, `run` the id of all events.

    `places` are type -> the dotted paths where the nonce must stand.
    """

    def __init__(
        self, chat: Chat, nonce: str, earlier: Iterable[str], places: Mapping[str, tuple[str | None, ...]]
    ) -> None:
        """Begin before the first event; the nonces of `earlier` questions of the same user may come back too."""
        self.chat, self.nonce = chat, nonce
        self.captured: dict[str, JsonValue] = {}
        self.run = ""
        self._places, self._last = places, chat.last
        self._wanted: dict[str, tuple[JsonValue, str]] = {}
        self._open: dict[tuple[str, JsonValue], str] = {}
        self._closed: set[tuple[str, JsonValue]] = set()
        self._ids: dict[str, str] = {}
        self._number: int | None = None
        self._between: set[int] = set()
        self._anew: set[int] | None = None
        self._own = {nonce, *earlier}

    def want(self, fields: Mapping[str, JsonValue]) -> None:
        """Have each event hold these values, by dotted path."""
        self._wanted = {path: (value, _said(value)) for path, value in fields.items()}

    def wrong(self, kind: str, document: JsonValue, text: str, *, greets: bool) -> Wrong:
        """Take an event, and return what is wrong with it; raises `LookupError` with the path of what is not there."""
        found = self._foreign(text)
        return found or (self._greet(kind, document) if greets else self._answer(kind, document))

    def connected_again(self) -> None:
        """Note that what follows comes over another connection, on which numbers may begin anew: at 0 or at 1."""
        self._anew = set()

    def pass_over(self, document: JsonValue) -> None:
        """Note the number of a frame that is ignored: that of the next event comes after it."""
        if self.chat.sequence is not None:
            with suppress(LookupError):
                number = look(document, self.chat.sequence)
                if type(number) is int:
                    self._between.add(number)
                    if self._anew is not None:
                        self._anew.add(number)

    def _foreign(self, text: str) -> Wrong:
        others = [each for each in nonces.within(text) if each not in self._own]
        return ("nothing of another question", f"it holds {others[0]}: {shown(text)}") if others else None

    def _answer(self, kind: str, document: JsonValue) -> Wrong:
        return (
            self._run(document)
            or self._fields(document)
            or self._unique(kind, document)
            or self._in_sequence(document)
            or self._pair(kind, document)
            or self._nonce(kind, document)
        )

    def _greet(self, kind: str, document: JsonValue) -> Wrong:
        """Take what a greeting says; at its end, all must have been said."""
        for name, path in self.chat.capture.items():
            with suppress(LookupError):
                self.captured[name] = look(document, path)
        missing = [path for name, path in self.chat.capture.items() if name not in self.captured]
        if kind == self.chat.greeting[-1].type and missing:
            return f"{missing[0]} in it, or in what came before it", f"none has it: {shown(json.dumps(document))}"
        return None

    def _run(self, document: JsonValue) -> Wrong:
        if self.chat.run is None:
            return None
        found = _said(_at(document, self.chat.run))
        if not self.run:
            self.run = found
        return (f"{self.chat.run} {self.run}, as before", f"{self.chat.run} is {found}") if found != self.run else None

    def _fields(self, document: JsonValue) -> Wrong:
        for path, (wanted, said) in self._wanted.items():
            found = _at(document, path)
            if found != wanted and _said(found) != said:
                return f"{path} {said}", f"{path} is {_said(found)}"
        return None

    def _unique(self, kind: str, document: JsonValue) -> Wrong:
        if self.chat.id is None:
            return None
        found = _said(_at(document, self.chat.id))
        before = self._ids.get(found)
        if before is not None:
            return f"a new {self.chat.id}", f"{self.chat.id} {found} has come before, as that of {before}"
        self._ids[found] = kind
        return None

    def _in_sequence(self, document: JsonValue) -> Wrong:
        path = self.chat.sequence
        if path is None:
            return None
        found, before = _at(document, path), self._number
        if type(found) is not int:
            return f"a whole number in {path}", f"{path} is {_said(found)}"
        starts = () if self._anew is None else (_after(-1, self._anew), _after(0, self._anew))
        following = found if before is None else _after(before, self._between)
        if found != following and found not in starts:
            return f"{path} {following}, after {before}", f"{path} is {found}"
        self._number, self._between, self._anew = found, set(), None
        return None

    def _pair(self, kind: str, document: JsonValue) -> Wrong:
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
        if kind == self._last and self._open:
            (begin, number), end = next(iter(self._open.items()))
            return f"every {begin} ended before", f"no {end} came for {number}"
        return None

    def _nonce(self, kind: str, document: JsonValue) -> Wrong:
        paths = [path for path in self._places[kind] if path is not None]
        paths += [self.chat.answer] if kind == self._last and self.chat.answer is not None else []
        for path in paths:
            found = _said(_at(document, path))
            if self.nonce not in found:
                return f"the nonce {self.nonce} of the question in {path}", f"{path} is {shown(found)!r}"
        return None


def _after(number: int, taken: Container[int]) -> int:
    """Return the next number which is not taken."""
    return next(each for each in count(number + 1) if each not in taken)


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
