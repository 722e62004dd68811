"""The text of a turn that left its script: what had to come beside what came, and when; the first divergence marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pytest_startup.contract.chat import ExpectedEvent
from pytest_startup.contract.places import JsonValue
from pytest_startup.report.words import shortened

LONGEST = 160
"""Characters of a frame that are shown."""

NOTHING = "-"


@dataclass(frozen=True, slots=True)
class Came:
    """One frame that came: its type, what it says as JSON (None for a text that is none), its text, and when.

    `at` is in seconds since the question. `counts` unless the contract ignores its type; `wrong` is the first one which
    the script does not want.
    """

    type: str
    frame: JsonValue
    text: str
    at: float
    counts: bool = True
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """One line: what the script says, what came, when it came first and last, its text, and whether it is wrong."""

    wanted: str
    came: str = NOTHING
    at: str = ""
    text: str = ""
    wrong: bool = False


def beside(events: Sequence[ExpectedEvent], came: Iterable[Came], *, whole: bool = True) -> Iterator[str]:
    """Return the lines of two columns; unless the script is the `whole` one, what is not in it is not wrong."""
    rows = list(_marked(_rows(events, came, whole=whole)))
    first, second = (
        max([len(title), *(len(getattr(row, name)) for row in rows)])
        for title, name in (("expected", "wanted"), ("came", "came"))
    )
    yield f"    {'expected':<{first}}  {'came':<{second}}  after".rstrip()
    for row in rows:
        yield f"  {'>' if row.wrong else ' '} {row.wanted:<{first}}  {row.came:<{second}}  {row.at}".rstrip()
        if row.wrong and row.text:
            yield f"      {shortened(row.text, LONGEST)}"


def _rows(events: Sequence[ExpectedEvent], came: Iterable[Came], *, whole: bool) -> Iterator[_Row]:
    """Yield a line for what came, with its place in the script, and for each place where nothing came."""
    reached = -1
    for kind, group in groupby((each for each in came if each.counts), key=lambda each: each.type):
        for each in _folded(events, kind, list(group)):
            place = _place(events, kind, reached)
            if place is None:
                yield replace(each, wrong=each.wrong or whole)
                continue
            yield from map(_left_out, events[reached + 1 : place])
            yield replace(each, wanted=_label(events[place]))
            reached = max(reached, place)
    yield from map(_left_out, events[reached + 1 :])


def _folded(events: Sequence[ExpectedEvent], kind: str, group: Sequence[Came]) -> Iterator[_Row]:
    """Yield one line for neighbours of a type that may be repeated, else one for each."""
    first, last, wrong = group[0], group[-1], any(each.wrong for each in group)
    if any(event.repeated for event in events if event.type == kind) and len(group) > 1:
        yield _Row("", f"{kind} ({len(group)} times)", f"{first.at:.2f} s - {last.at:.2f} s", last.text, wrong)
        return
    for each in group:
        yield _Row("", kind, f"{each.at:.2f} s", each.text, each.wrong)


def _place(events: Sequence[ExpectedEvent], kind: str, reached: int) -> int | None:
    """Return the place in the script of what comes after `reached`, None where there is none.

    Repeated neighbours come in any mixture.
    """
    first = reached
    while 0 <= first < len(events) and events[first].repeated:
        first -= 1
    places = [*range(max(reached + 1, 0), len(events)), *range(first + 1, reached + 1)]
    return next((place for place in places if events[place].type == kind), None)


def _left_out(event: ExpectedEvent) -> _Row:
    return _Row(_label(event), wrong=not event.optional)


def _label(event: ExpectedEvent) -> str:
    words = [word for word, holds in (("optional", event.optional), ("repeated", event.repeated)) if holds]
    return f"{event.type} ({', '.join(words)})" if words else event.type


def _marked(rows: Iterable[_Row]) -> Iterator[_Row]:
    """Yield the lines; of those which are wrong the first one stays so."""
    found = False
    for row in rows:
        yield replace(row, wrong=row.wrong and not found)
        found = found or row.wrong
