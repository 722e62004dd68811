"""The text of a failed check: expected, observed, where on the timeline, the log before it, and what to do now."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_startup.events.process import LogLine
from pytest_startup.findings import Finding
from pytest_startup.report.words import Entry, entries, masked, shortened
from pytest_startup.trace import Trace

WIDTH = 96
BEFORE, AFTER = 5, 3
LOG_LINES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """How only this is judged again: the id of the test, and what names contract and trace on the command line."""

    nodeid: str
    options: tuple[str, ...] = ()
    trace: str = ""

    def boot(self) -> str:
        """Return the command which boots again and judges only this."""
        return " ".join(["pytest", f'"{self.nodeid}"', *map(shlex.quote, self.options)])

    def judge(self) -> str:
        """Return the command which judges the saved trace again and boots nothing."""
        return f"{self.boot()} --startup-trace={shlex.quote(self.trace)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A test which found something in a boot."""

    rows: tuple[str, ...]
    findings: Sequence[Finding]
    trace: Trace
    again: Again

    def text(self) -> str:
        """Return the whole text."""
        blocks = [self.headline(), *("\n".join(told(finding, self.trace)) for finding in self.findings)]
        blocks.append("\n".join(self._commands()))
        return "\n\n".join(blocks)

    def headline(self) -> str:
        """Return what pytest repeats in its short summary: the first thing that was found, and the rows it is about."""
        first = self.findings[0]
        said = f"{first.subject}: {first.observed}" if first.subject not in first.observed else first.observed
        more = f" (and {len(self.findings) - 1} more)" if len(self.findings) > 1 else ""
        rows = f" [{', '.join(self.rows)}]" if self.rows else ""
        return shortened(masked(said), WIDTH) + more + rows

    def _commands(self) -> Iterator[str]:
        if self.again.trace:
            yield f"  judge it again without booting:  {self.again.judge()}"
        yield f"  boot only this again:            {self.again.boot()}"


def told(finding: Finding, trace: Trace) -> Iterator[str]:
    """Return the lines which tell of a finding: expected, observed, where on the timeline, the log before it."""
    yield from _field("expected", finding.expected)
    yield from _field("observed", finding.observed)
    if finding.at is not None:
        yield from _field("when", f"{finding.at:.3f} s after the spawn")
    yield from excerpt(trace, finding.at)
    yield from log_before(trace, finding.at)
    yield ""
    yield from _field("look at", finding.look_at)
    if finding.on_purpose:
        yield f"  if this is on purpose: {masked(finding.on_purpose)}"


def _field(name: str, text: str) -> Iterator[str]:
    if not text:
        return
    lines = [line for part in masked(text).splitlines() for line in textwrap.wrap(part, WIDTH - 14) or [""]]
    for number, line in enumerate(lines):
        yield f"  {name if number == 0 else '':<12}{line}".rstrip()


def excerpt(trace: Trace, at: float | None) -> Iterator[str]:
    """Return the lines of the timeline around `at`, the first that is not before it marked; none without `at`."""
    if at is None:
        return
    lines = list(entries(trace.events))
    here = next((n for n, entry in enumerate(lines) if entry.until >= at - 1e-9), len(lines) - 1)
    yield from ("", "  timeline")
    for number, entry in enumerate(lines[max(0, here - BEFORE) : here + AFTER + 1], max(0, here - BEFORE)):
        yield _line(entry, marked=number == here)


def _line(entry: Entry, *, marked: bool) -> str:
    times = f"  ({entry.times} times until {entry.until:.3f} s)" if entry.times > 1 else ""
    line = f"  {'>' if marked else ' '} {entry.at:9.3f} s  {entry.words.label:<14} {entry.words.text}{times}"
    return line.rstrip()


def log_before(trace: Trace, at: float | None) -> Iterator[str]:
    """Return the last lines which the application logged until `at`, or at all."""
    lines = [event for event in trace.all(LogLine) if at is None or event.at <= at]
    if not lines:
        return
    yield from ("", f"  log (the last {min(len(lines), LOG_LINES)} of {len(lines)} lines until then)")
    for event in lines[-LOG_LINES:]:
        yield f"    {event.at:9.3f} s  {shortened(masked(event.text), WIDTH * 2)}"
