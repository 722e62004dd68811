"""The timeline of one boot: phases as bars on one axis, beside them what readiness said meanwhile."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pytest_startup.contract.model import Contract, NoProbe
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import (
    AgentAttached,
    Imported,
    ImportFailed,
    LifespanBegan,
    LifespanComplete,
    LifespanFailed,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PortBound,
)
from pytest_startup.events.process import Exited, NeverReady, Ready, StopRequested
from pytest_startup.report.lines import Glyphs, Line, Span, Style, seconds
from pytest_startup.trace import Trace

LABEL, DURATION, HEALTH = 16, 8, 9
BARS = 80 - (2 + LABEL + 1) - (1 + DURATION) - (2 + HEALTH)
"""Cells of the time axis in a line of 80."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A row of the timeline; `until` is None for what never ended, and equals `since` for a moment.

    `depth` is 1 for what happens within the lifespan, `fault` says what went wrong.
    """

    name: str
    since: float
    until: float | None
    depth: int = 0
    fault: str = ""
    phase: bool = False


def ended(trace: Trace) -> float:
    """Return when the start was over: ready, given up, or dead; else the last event."""
    for kind in (Ready, NeverReady, Exited, StopRequested):
        found = trace.first(kind)
        if found is not None:
            return found.at
    return trace.events[-1].at if trace.events else 0.0


def steps(trace: Trace, contract: Contract) -> list[Step]:
    """Return the rows of the timeline in the order of time."""
    found = [*_process(trace), *_lifespan(trace), *_phases(trace, contract), *_marks(trace)]
    return sorted(found, key=lambda step: (step.since, step.depth))


def _process(trace: Trace) -> Iterator[Step]:
    attached, imported = trace.first(AgentAttached), trace.first(Imported)
    failed = trace.first(ImportFailed)
    begun = imported.at - imported.seconds if imported is not None else attached.at if attached is not None else None
    if begun is not None:
        yield Step(name="python", since=0.0, until=max(0.0, begun))
    if imported is not None:
        yield Step(name="import", since=imported.at - imported.seconds, until=imported.at)
    elif failed is not None:
        yield Step(name="import", since=begun or 0.0, until=failed.at, fault="failed")


def _lifespan(trace: Trace) -> Iterator[Step]:
    began = trace.first(LifespanBegan)
    if began is None:
        return
    complete, failed = trace.first(LifespanComplete), trace.first(LifespanFailed)
    end = complete if complete is not None else failed
    yield Step(
        name="lifespan",
        since=began.at,
        until=None if end is None else end.at,
        fault="failed" if complete is None and failed is not None else "",
    )


def _phases(trace: Trace, contract: Contract) -> Iterator[Step]:
    depth = 1 if trace.first(LifespanBegan) is not None else 0
    for name in dict.fromkeys([*(phase.name for phase in contract.phases), *_entered(trace)]):
        for entered, following in _pairwise(trace.all(PhaseEntered, phase=name)):
            left = _first_after(trace, PhaseLeft, name, entered.at, following)
            failed = _first_after(trace, PhaseFailed, name, entered.at, following)
            end = left if left is not None else failed
            yield Step(
                name=name,
                since=entered.at,
                until=None if end is None else end.at,
                depth=depth,
                fault="failed" if left is None and failed is not None else "",
                phase=True,
            )


def _entered(trace: Trace) -> list[str]:
    return [event.phase for event in trace.all(PhaseEntered)]


def _pairwise(events: list[PhaseEntered]) -> Iterator[tuple[PhaseEntered, float]]:
    """Return each event with the moment of the next one of its kind."""
    for number, event in enumerate(events):
        yield event, events[number + 1].at if number + 1 < len(events) else math.inf


def _first_after(
    trace: Trace, kind: type[PhaseLeft | PhaseFailed], name: str, at: float, before: float
) -> PhaseLeft | PhaseFailed | None:
    return next((event for event in trace.all(kind, phase=name) if at <= event.at < before or event.at == at), None)


def _marks(trace: Trace) -> Iterator[Step]:
    port, ready = trace.first(PortBound), trace.first(Ready)
    never, exited = trace.first(NeverReady), trace.first(Exited)
    if port is not None:
        yield Step(name="port", since=port.at, until=port.at)
    if ready is not None:
        yield Step(name="ready", since=ready.at, until=ready.at)
    elif never is not None:
        yield Step(name="never ready", since=never.at, until=never.at, fault=f"{never.limit:g} s")
    elif exited is not None:
        yield Step(name="exited", since=exited.at, until=exited.at, fault=f"code {exited.code}")


# -- drawing -------------------------------------------------------------------------------------------------------


def draw(trace: Trace, contract: Contract, glyphs: Glyphs) -> list[Line]:
    """Return the timeline, 80 columns wide."""
    rows = steps(trace, contract)
    whole = max(ended(trace), 1e-6)
    lines: list[Line] = [_axis(whole), _scale(whole, glyphs)]
    lines += [_row(step, whole, _said(step, trace, contract, whole, glyphs), glyphs) for step in rows]
    lines += [_unseen(phase.name) for phase in contract.phases if phase.name not in {step.name for step in rows}]
    return lines


def _step_of(whole: float) -> float:
    """Return the distance between two ticks: 1, 2 or 5 times a power of ten, 3 to 7 of them."""
    power = 10.0 ** math.floor(math.log10(whole))
    return next(power * factor for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if whole / (power * factor) <= 7)  # noqa: PLR2004


def _ticks(whole: float) -> list[tuple[int, float]]:
    distance = _step_of(whole)
    return [(int(n * distance / whole * BARS), n * distance) for n in range(int(whole / distance) + 1)]


def _axis(whole: float) -> Line:
    text = [" "] * (BARS + 6)
    for cell, moment in _ticks(whole):
        label = f"{moment:g}" if moment else "0 s"
        if cell + len(label) <= BARS:
            text[cell : cell + len(label)] = label
    return [Span(f"  {'':<{LABEL}} {''.join(text)[:BARS]} {'':>{DURATION}}  readiness", "dim")]


def _scale(whole: float, glyphs: Glyphs) -> Line:
    text = [glyphs.axis] * BARS
    for cell, _ in _ticks(whole):
        if cell < BARS:
            text[cell] = glyphs.tick
    return [Span(f"  {'':<{LABEL}} {''.join(text)}", "dim")]


def _row(step: Step, whole: float, said: Span, glyphs: Glyphs) -> Line:
    until = whole if step.until is None else step.until
    took = step.fault or ("unended" if step.until is None else _took(step))
    label = _cut("  " * step.depth + step.name, LABEL)
    return [
        Span(f"  {label:<{LABEL}} ", "bad" if step.fault else ""),
        Span(_bar(step.since / whole, until / whole, glyphs), _style(step)),
        Span(f" {took:>{DURATION}}", "bad" if step.fault else "" if step.until is not None else "careful"),
        *([Span("  "), said] if said.text else []),
    ]


def _took(step: Step) -> str:
    """Return the duration of a span, or when a moment was."""
    if step.until is None or step.until > step.since:
        return seconds((step.until or step.since) - step.since)
    return f"@{seconds(step.since)}" if not step.phase else "moment"


def _style(step: Step) -> Style:
    if step.fault:
        return "bad"
    return "bar" if step.phase else "good" if step.name == "ready" else "other"


def _bar(since: float, until: float, glyphs: Glyphs) -> str:
    """Return the cells between two shares of the axis; what is too short to see is a point."""
    first, last = min(max(since, 0.0), 1.0) * BARS, min(max(until, 0.0), 1.0) * BARS
    start = min(int(first), BARS - 1)
    parts = len(glyphs.parts)
    filled = round((last - start) * parts)
    if last - first < 1 / parts or filled <= 0:
        return (" " * start + glyphs.point).ljust(BARS)
    full, rest = divmod(filled, parts)
    return (" " * start + glyphs.parts[-1] * full + (glyphs.parts[rest - 1] if rest else "")).ljust(BARS)[:BARS]


def _unseen(name: str) -> Line:
    return [Span(f"  {_cut('  ' + name, LABEL):<{LABEL}} {'':<{BARS}} {'not seen':>{DURATION}}", "dim")]


def _cut(text: str, size: int) -> str:
    return text if len(text) <= size else text[: size - 1] + "~"


def _said(step: Step, trace: Trace, contract: Contract, whole: float, glyphs: Glyphs) -> Span:
    """Return what readiness answered while a phase ran, or at the end."""
    readiness = contract.health.readiness
    if isinstance(readiness, NoProbe) or not (step.phase or step.name == "ready"):
        return Span("")
    answers = _during(step, trace, whole) if step.phase else _until(step.since, trace)[-1:]
    text = glyphs.arrow.join(answer for answer, _ in groupby(answers))
    same = readiness.status in readiness.not_ready_status  # then its body tells, and the check judges it
    early = step.phase and not same and str(readiness.status) in answers and step.until != _last_left(trace)
    return Span(_cut(text, HEALTH), "bad" if early else "good" if step.name == "ready" else "dim")


def _until(moment: float, trace: Trace) -> list[str]:
    return [each.answer for each in trace.all(Probed, role="readiness") if each.at <= moment and each.answer.isdigit()]


def _during(step: Step, trace: Trace, whole: float) -> list[str]:
    """Return the answers which came while this was the first phase that had not ended."""
    until = whole if step.until is None else step.until
    since = max((event.at for event in trace.all(PhaseLeft) if event.at < until), default=0.0)
    probes = [each for each in trace.all(Probed, role="readiness") if each.began >= since and each.at <= until]
    return [each.answer for each in probes if each.answer.isdigit()]


def _last_left(trace: Trace) -> float:
    return max((event.at for event in trace.all(PhaseLeft)), default=0.0)
