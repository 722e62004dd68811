"""What was judged: one record for each check that a test asked for.

The records travel as a test's properties (name, text): that way they reach the JUnit file, and the controller of
pytest-xdist, without a channel of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

Word = Literal["passed", "failed", "not covered"]
Property = tuple[str, object]
Subject = str | int | tuple[str, str]
"""What a check is about: a phase, component, link, service, endpoint, pattern; a seed; or a pair (earlier, later)."""

SUITE = "startup.suite"
"""Property of every test of the shipped suites: the name of its suite."""
ROW, CHECK, SUBJECT, VERDICT = "startup.row", "startup.check", "startup.subject", "startup.verdict"
REASON, TRACE = "startup.reason", "startup.trace"


class NoneDeclared(str):
    """Stands for a subject where the contract declares none of its sort; the text is the reason."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One check of one subject; `reasons` are what was found, or why nothing could be judged.

    `trace` is the path of the saved trace that was judged, empty where it was not saved.
    """

    check: str
    verdict: Word
    subject: str = ""
    reasons: tuple[str, ...] = ()
    trace: str = ""

    @property
    def executed(self) -> bool:
        """Whether the check really judged something."""
        return self.verdict != "not covered"

    def properties(self) -> list[Property]:
        """Return the record as properties of its test."""
        said = [(CHECK, self.check), (SUBJECT, self.subject), (VERDICT, self.verdict), (TRACE, self.trace)]
        return [*((name, text) for name, text in said if text), *((REASON, reason) for reason in self.reasons)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test of the suites: `outcome` is pytest's word for it, `words` the message of a failure or a skip."""

    nodeid: str
    outcome: str
    suite: str = ""
    rows: tuple[str, ...] = ()
    judged: tuple[Judged, ...] = ()
    words: str = ""
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """The test's own name, with its parameters."""
        return self.nodeid.rpartition("::")[2]

    @property
    def executed(self) -> int:
        """How many checks it executed."""
        return sum(each.executed for each in self.judged)

    @property
    def verdict(self) -> str:
        """`passed`, `failed`, `not covered`, or `not run` (skipped for another reason)."""
        if self.outcome == "failed" or any(each.verdict == "failed" for each in self.judged):
            return "failed"
        if any(each.verdict == "not covered" for each in self.judged):
            return "not covered"
        return "passed" if self.outcome == "passed" else "not run"


@dataclass(slots=True)
class _Group:
    fields: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)


def rows_of(properties: Iterable[Sequence[object]]) -> tuple[str, ...]:
    """Return the row ids among a test's properties."""
    return tuple(str(value) for name, value in properties if name == ROW)


def suite_of(properties: Iterable[Sequence[object]]) -> str:
    """Return the suite named among a test's properties; empty for a test which is not ours."""
    return next((str(value) for name, value in properties if name == SUITE), "")


def judged_of(properties: Iterable[Sequence[object]]) -> tuple[Judged, ...]:
    """Return the records among a test's properties, in their order."""
    return tuple(_record(group) for group in _groups(properties))


def _groups(properties: Iterable[Sequence[object]]) -> Iterator[_Group]:
    group: _Group | None = None
    for name, value in properties:
        if name == CHECK:
            if group is not None:
                yield group
            group = _Group()
        if group is None or name not in {CHECK, SUBJECT, VERDICT, TRACE, REASON}:
            continue
        if name == REASON:
            group.reasons.append(str(value))
        else:
            group.fields[str(name)] = str(value)
    if group is not None:
        yield group


def _record(group: _Group) -> Judged:
    said = group.fields.get(VERDICT)
    verdict: Word = "passed" if said == "passed" else "failed" if said == "failed" else "not covered"
    return Judged(
        check=group.fields[CHECK],
        verdict=verdict,
        subject=group.fields.get(SUBJECT, ""),
        reasons=tuple(group.reasons),
        trace=group.fields.get(TRACE, ""),
    )
