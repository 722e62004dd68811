"""The summary of a run: the boot, what was judged, what was not covered and why, and the budgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap

from pytest_startup.contract.model import Contract
from pytest_startup.events.process import FaultPlanned, Ready
from pytest_startup.report import truth, users
from pytest_startup.report.chain import critical_chain, shown
from pytest_startup.report.judged import Case
from pytest_startup.report.lines import Glyphs, Line, Span, seconds, wrapped
from pytest_startup.report.timeline import draw, ended, steps
from pytest_startup.report.words import masked, shortened
from pytest_startup.trace import Trace

WIDTH = 80
INDENT = 15
TRAFFIC = "refused_during"
"""The check of a boot to which traffic was offered."""

MANY_USERS = ("served", "of_turns", "of_frames")
"""The checks of a boot which many users came to."""

MANY_RETURNS = ("all_at_once",)
"""The checks of a boot to which many users came back."""

MOST_TRACES = 3
MOST_NAMED = 4
MOST_LINES = 5
"""Lines of a reason why something was not covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a layer took of its budget, in seconds."""

    layer: str
    seconds: float
    budget: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Everything that a run has to say.

    `boots` are the saved traces, by the paths under which `tests` name them: the first ordinary one is drawn, and the
    truth table of one to which traffic was offered. They are loaded when they are looked at. `here` is where the paths
    that are shown begin.
    """

    tests: Sequence[Case] = ()
    contract: Contract | None = None
    target: str = ""
    boots: Mapping[str, Trace] = field(default_factory=dict)
    services: Sequence[str] = ()
    spent: Sequence[Spent] = ()
    demanded: int = 1
    here: Path = field(default_factory=Path)

    def shown(self, path: str) -> str:
        """Return a path as one would type it."""
        found = Path(path)
        return str(found.relative_to(self.here)) if found.is_relative_to(self.here) else path

    @property
    def executed(self) -> int:
        """How many checks were executed."""
        return sum(test.executed for test in self.tests)

    @property
    def lacking(self) -> str:
        """Why the run fails although no test did: too few checks; empty when there were enough."""
        if not self.tests or self.executed >= self.demanded:
            return ""
        if self.executed == 0:
            return "no check was executed: nothing is known about this application, so this run fails"
        return f"{self.executed} checks were executed, {self.demanded} are demanded (--startup-min-checks)"


def summary(result: Result, glyphs: Glyphs) -> list[Line]:
    """Return the summary, at most 80 columns wide."""
    parts = [_boot(result, glyphs), _truth(result), _users(result), _judged(result, glyphs), _not_covered(result)]
    parts.append(_about(result))
    lines: list[Line] = []
    for part in parts:
        lines += [[], *part] if lines and part else part
    return lines


def _boot(result: Result, glyphs: Glyphs) -> list[Line]:
    trace = next((trace for trace in result.boots.values() if trace.first(FaultPlanned) is None), None)
    if trace is None or result.contract is None:
        return []
    ready = trace.first(Ready)
    how = Span(f"ready in {seconds(ready.at)}", "good") if ready is not None else Span("not ready", "bad")
    lines: list[Line] = [[Span(result.target, "strong"), Span(f" {glyphs.dot} "), how]]
    lines += draw(trace, result.contract, glyphs)
    chain = shown(critical_chain(steps(trace, result.contract), ended(trace)))
    items = [[Span(f"{link.name} "), Span(seconds(link.seconds), "strong")] for link in chain]
    return [*lines, *wrapped(Span("  critical", "dim"), items, indent=INDENT, width=WIDTH, between=f" {glyphs.arrow} ")]


def _truth(result: Result) -> list[Line]:
    """Return what was told to whom while it started, by the boot on which the tests of traffic were judged."""
    judged = (each for test in result.tests for each in test.judged if each.check == TRAFFIC)
    trace = next((result.boots[each.trace] for each in judged if each.trace in result.boots), None)
    return [] if trace is None or result.contract is None else truth.draw(trace, result.contract)


def _users(result: Result) -> list[Line]:
    """Return how long users waited, by the boots on which the tests of many users at once were judged."""
    asked, returned = _trace_of(MANY_USERS, result), _trace_of(MANY_RETURNS, result)
    lines = [] if asked is None else users.draw(asked, INDENT)
    return [*lines, *([] if returned is None else users.draw_returns(returned, INDENT))]


def _trace_of(checks: Sequence[str], result: Result) -> Trace | None:
    """Return the boot on which one of these checks judged; None when none did."""
    judged = (each for test in result.tests for each in test.judged if each.check in checks)
    return next((result.boots[each.trace] for each in judged if each.trace in result.boots), None)


def _judged(result: Result, glyphs: Glyphs) -> list[Line]:
    passed, failed = Counter[str](), Counter[str]()
    for test in result.tests:
        for row in test.rows or ("others",):
            passed[row] += test.verdict == "passed"
            failed[row] += test.verdict == "failed"
    rows = [row for row in sorted({*passed, *failed}, key=_by_number) if passed[row] or failed[row]]
    if not rows:
        return []
    items = [_row(row, passed[row], failed[row], glyphs) for row in rows]
    lines = wrapped(Span("  judged", "dim"), items, indent=INDENT, width=WIDTH, between="   ")
    broken = [test for test in result.tests if test.verdict == "failed"]
    return [*lines, *(line for test in broken for line in _broken(test, glyphs))]


def _by_number(row: str) -> tuple[str, int]:
    letters = row.rstrip("0123456789")
    return letters, int(row[len(letters) :] or 0)


def _row(row: str, passed: int, failed: int, glyphs: Glyphs) -> list[Span]:
    if failed:
        return [Span(f"{glyphs.failed} {row} ", "bad"), Span(f"{failed} of {passed + failed}", "bad")]
    return [Span(f"{glyphs.passed} ", "good"), Span(f"{row} "), Span(str(passed), "dim")]


def _broken(test: Case, glyphs: Glyphs) -> Iterator[Line]:
    name = shortened(f"{glyphs.failed} {test.name}", WIDTH - INDENT)
    yield [Span(" " * INDENT), Span(name, "bad")]
    said = next((reason for each in test.judged for reason in each.reasons), test.words)
    if said:
        yield [Span(f"{'':<{INDENT + 2}}{shortened(masked(said), WIDTH - INDENT - 2)}", "dim")]


def _not_covered(result: Result) -> list[Line]:
    """Return each reason once, and below it the tests which it is about."""
    groups: dict[str, dict[str, list[str]]] = {}
    for test in result.tests:
        if test.verdict in {"not covered", "not run"}:
            reason = next((reason for each in test.judged for reason in each.reasons), test.words)
            function, _, parameter = test.name.removeprefix("test_").partition("[")
            groups.setdefault(reason, {}).setdefault(function, []).append(parameter.removesuffix("]"))
    lines: list[Line] = []
    for reason, tests in groups.items():
        head = Span(("" if lines else "  not covered").ljust(INDENT), "dim")
        words = wrap(masked(reason), WIDTH - INDENT, max_lines=MOST_LINES, placeholder=" ...") or [""]
        lines.append([head, Span(words[0])])
        lines += [[Span(" " * INDENT), Span(each)] for each in words[1:]]
        items = [[Span(shortened(_called(*test), WIDTH - INDENT - 2), "dim")] for test in tests.items()]
        lines += wrapped(Span(""), items, indent=INDENT + 2, width=WIDTH, between=", ")
    return lines


def _called(function: str, parameters: Sequence[str]) -> str:
    """Return a test with its parameters, or with their number when they are many."""
    named = [parameter for parameter in parameters if parameter not in {"", "none-declared"}]
    if len(named) > MOST_NAMED:
        return f"{function} ({len(named)} of them)"
    return f"{function} [{', '.join(named)}]" if named else function


def _about(result: Result) -> list[Line]:
    lines: list[Line] = []
    if result.services:
        lines += [
            [Span(("  services" if not n else "").ljust(INDENT), "dim"), Span(shortened(each, WIDTH - INDENT))]
            for n, each in enumerate(result.services)
        ]
    paths = list(result.boots)
    more = len(paths) - MOST_TRACES
    lines += [
        [Span(("  trace" if not n else "").ljust(INDENT), "dim"), Span(result.shown(path))]
        for n, path in enumerate(paths[:MOST_TRACES])
    ]
    if more > 0:
        lines.append([Span(f"{'':<{INDENT}}and {more} more beside them", "dim")])
    items = [[Span(f"{each.layer} "), _used(each)] for each in result.spent]
    if items:
        lines += wrapped(Span("  budget", "dim"), items, indent=INDENT, width=WIDTH, between="   ")
    if result.lacking:
        lines.append([Span(f"  {result.lacking}", "bad")])
    return lines


def _used(spent: Spent) -> Span:
    over = spent.seconds >= spent.budget
    return Span(f"{spent.seconds:.1f} s of {spent.budget:g} s", "bad" if over else "")
