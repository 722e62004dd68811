"""The log of a start, and of the first requests, has no line that a healthy start cannot have (S7, F5)."""

from __future__ import annotations

import math
import re

from pytest_startup.checks.requests import unmade
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.edge import Answered, Probed
from pytest_startup.events.process import LogLine, OutputDropped, Ready
from pytest_startup.events.used import FIRST_REQUESTS, ExerciseEnded
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def is_free_of(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the pattern `subject` is found in no line of stdout or stderr."""
    if (why := _unseen(trace, contract, subject)) is not None:
        return why
    return _found(trace, subject, math.inf)


def stays_free_of(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the pattern `subject` is found in no line of the start and of the first requests after it (F5)."""
    if (why := _unseen(trace, contract, subject)) is not None:
        return why
    ended, missing = trace.first(ExerciseEnded, name=FIRST_REQUESTS), unmade(trace, contract)
    found = _found(trace, subject, ended.at) if ended is not None else []
    return NotCovered(missing) if missing and not found else found


def _unseen(trace: Trace, contract: Contract, subject: str) -> NotCovered | None:
    if not subject:
        return NotCovered("the contract forbids no line")
    if isinstance(contract.launch.app, Url):
        return NotCovered("the log of an application that was up already cannot be seen")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    return None


def _found(trace: Trace, subject: str, until: float) -> Verdict:
    """Look for a pattern in the lines up to a moment, but for those that our own questions provoked."""
    began, ended = _provoked(trace)
    lines = [line for line in trace.all(LogLine) if line.at <= until and not began <= line.at <= ended]
    found = [line for line in lines if re.search(subject, line.text)]
    if found:
        return [_finding(trace, subject, line) for line in found[:3]]
    dropped = sum(event.bytes for event in trace.all(OutputDropped))
    return NotCovered(f"{dropped} bytes of output were too many to keep") if dropped else []


def _finding(trace: Trace, subject: str, line: LogLine) -> Finding:
    """Return a line as a finding; the beginning of a traceback with its end, which says what was raised."""
    observed, at = line.text, line.at
    if "Traceback" in line.text:
        later = [each for each in trace.all(LogLine, stream=line.stream) if each.at >= line.at]
        rest = later[later.index(line) + 1 :]
        last = next((each for each in rest if each.text.strip() and not each.text.startswith((" ", "|"))), line)
        observed, at = "\n".join(dict.fromkeys([line.text, last.text])), last.at
    look_at = "who logs it, and why the application goes on as if nothing had happened"
    return Finding(subject=subject, expected="no such line", observed=observed, at=at, look_at=look_at)


def _provoked(trace: Trace) -> tuple[float, float]:
    """Return the span in which we asked for paths that need not exist: what is logged then is our own doing."""
    asked = [*trace.all(Probed, role="discovered", vantage="outside"), *trace.all(Probed, role="control")]
    after = trace.first(Answered)
    if not asked or after is None:
        return math.inf, math.inf
    ready = trace.first(Ready)
    return min(each.began for each in asked if ready is not None and each.began >= ready.at), after.at
