"""Grace periods: what the application says before their end and afterwards, its time being moved (F3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from pytest_startup.contract.model import Contract, Grace
from pytest_startup.events.inside import AgentAttached, CallSkipped, GraceLookedAt, TimeMoved, TimeUnmovable
from pytest_startup.events.process import LogLine, NeverReady, StopRequested
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

TIMED_BY_THE_LOOP = "a period that the event loop times (sleep, call_later) is not moved: as grace.look, name its end"


def is_kept(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the grace period `subject` lasts as long as is declared, and is followed by what is declared."""
    grace = contract.grace_period(subject)
    looks = trace.all(GraceLookedAt, grace=subject)
    if (why := _unseen(trace, looks)) is not None:
        return why
    if missing := _not_missing(trace, grace):
        return missing
    unseen = [look for look in looks if look.problem]
    if unseen:
        return [_finding(grace, f"a value at {grace.status}", f"it raised {unseen[0].problem}", unseen[0].at)]
    lasting = [look for look in looks if look.elapsed_most < grace.seconds]
    over = [look for look in looks if look.elapsed_least > grace.seconds]
    if not lasting or not over:
        return NotCovered(f"no look was certainly {'within it' if not lasting else 'after it'}: its beginning is vague")
    found = [*_says(grace, lasting, over), *_logs(trace, grace, lasting[-1])]
    return found or _unlogged(trace, grace, over[0])


def _unseen(trace: Trace, looks: list[GraceLookedAt]) -> NotCovered | None:
    if (unmovable := trace.first(TimeUnmovable)) is not None:
        return NotCovered(unmovable.reason)
    if trace.first(AgentAttached) is None:
        return NotCovered("the application was watched from outside, where its time cannot be moved")
    if looks:
        return None
    never = trace.first(NeverReady)
    return NotCovered("the boot never came to serve" if never is None else f"it waited for {never.waiting_for}")


def _not_missing(trace: Trace, grace: Grace) -> Verdict:
    """Say why nothing was missing in this boot, so that the grace period was not needed."""
    if grace.without is None:
        return []
    skipped = trace.first(CallSkipped, callable=str(grace.without))
    if skipped is None:
        return NotCovered(f"{grace.without} was never called, so that nothing was missing")
    if not skipped.problem:
        return []
    return [
        _finding(grace, f"a function {grace.without}", skipped.problem, skipped.at, "grace.without in the contract")
    ]


def _says(grace: Grace, lasting: list[GraceLookedAt], over: list[GraceLookedAt]) -> Iterator[Finding]:
    """Yield the first look at which something else stood than is declared, before the end and after it."""
    for looks, value, when in ((lasting, grace.during, "lasts"), (over, grace.after, "is over")):
        wrong = next((look for look in looks if not _same(look.status, value)), None)
        if wrong is not None:
            expected = f"{grace.status} is {value!r} while the period of {grace.seconds:g} s {when}"
            found = _finding(grace, expected, f"{wrong.status!r} {_elapsed(grace, wrong)}", wrong.at)
            yield replace(found, on_purpose="" if when == "lasts" else TIMED_BY_THE_LOOP)


def _same(observed: object, declared: object) -> bool:
    return observed == declared and isinstance(observed, bool) == isinstance(declared, bool)


def _elapsed(grace: Grace, look: GraceLookedAt) -> str:
    """Return how long the period had lasted, in words."""
    least, most = max(0.0, look.elapsed_least), look.elapsed_most
    span = f"{least:.1f} s" if most - least < 0.1 else f"{least:.1f} to {most:.1f} s"  # noqa: PLR2004 - as it is shown
    return f"{span} after {'the start' if grace.since is None else grace.since}"


def _logs(trace: Trace, grace: Grace, last: GraceLookedAt) -> Iterator[Finding]:
    """Yield a line which tells of the end of the period while it certainly lasts."""
    moved = next((event.at for event in trace.all(TimeMoved) if event.at > last.at), last.at)
    until = min(moved, last.at + grace.seconds - last.elapsed_most)
    early = next((line for line in _lines(trace, grace) if line.at <= until), None)
    if early is not None:
        expected = f"no line with {grace.log!r} while the period of {grace.seconds:g} s lasts"
        yield _finding(grace, expected, early.text, early.at)


def _unlogged(trace: Trace, grace: Grace, over: GraceLookedAt) -> Verdict:
    """Find that no line tells of the end of the period."""
    if grace.log is None or _lines(trace, grace):
        return []
    if grace.look is None:
        return NotCovered("no line came at once; name what the application does at its next tick as grace.look")
    expected = f"a line with {grace.log!r} once the period of {grace.seconds:g} s is over"
    return [_finding(grace, expected, f"none {_elapsed(grace, over)}", over.at)]


def _lines(trace: Trace, grace: Grace) -> list[LogLine]:
    """Return the lines that tell of the end, until the application is stopped."""
    stop = trace.first(StopRequested)
    until = stop.at if stop is not None else float("inf")
    lines = [line for line in trace.all(LogLine) if line.at <= until]
    return [line for line in lines if grace.log is not None and re.search(grace.log, line.text)]


def _finding(grace: Grace, expected: str, observed: str, at: float, look_at: str = "") -> Finding:
    look_at = look_at or f"what {grace.status} comes from, how long it waits, and which clock it reads"
    return Finding(subject=grace.name, expected=expected, observed=observed, at=at, look_at=look_at)
