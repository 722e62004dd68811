"""Traces made by hand: the events of a small boot, and what a check says of them, in one word or in its own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest_startup.contract import reader
from pytest_startup.contract.model import Contract
from pytest_startup.events.base import Event, Role
from pytest_startup.events.edge import Answered, Probed
from pytest_startup.events.inside import AgentAttached, LifespanComplete, PhaseEntered, PhaseLeft, PortBound
from pytest_startup.events.process import Exited, LogLine, Ready, StopRequested
from pytest_startup.findings import NotCovered, Verdict
from pytest_startup.trace import Trace

Check = Callable[[Trace, Contract, Any], Verdict]
Said = list[str] | str
"""What was observed, finding by finding; or the reason why nothing was judged."""

TARGET = '[launch]\ntarget = "app:app"\n'
URL = '[launch]\nurl = "http://127.0.0.1:1"\n'

AGENT = AgentAttached(at=0.1, pid=7, python="3.11.7", server="uvicorn 0.34")
COMPLETE = LifespanComplete(at=1.8)
PORT = PortBound(at=1.9, host="127.0.0.1", port=8000)
READY = Ready(at=2.0)
ANSWERED = Answered(at=2.5, pid=7, ours=True)
STOP = StopRequested(at=3.0, signal="SIGTERM")
ENDED = Exited(at=3.5, code=-15, asked=True)
CRASHED = Exited(at=2.2, code=139, asked=False)
UP = (AGENT, PORT, READY)


def entered(phase: str, at: float) -> PhaseEntered:
    """Return the beginning of a phase."""
    return PhaseEntered(at=at, phase=phase)


def left(phase: str, at: float) -> PhaseLeft:
    """Return the end of a phase."""
    return PhaseLeft(at=at, phase=phase)


def phase(name: str, since: float, until: float) -> tuple[PhaseEntered, PhaseLeft]:
    """Return a whole phase."""
    return entered(name, since), left(name, until)


def line(text: str, at: float = 1.0) -> LogLine:
    """Return a line of the application's log."""
    return LogLine(at=at, stream="stderr", text=text)


def probed(role: Role, answer: str, at: float, **other: Any) -> Probed:  # noqa: ANN401 - fields of an event
    """Return an answer of an endpoint; one from outside that took 10 ms, unless told otherwise."""
    fields = {"vantage": "outside", "path": f"/{role}", "began": at - 0.01, "fields": {}} | other
    return Probed(role=role, answer=answer, at=at, **fields)


def said(check: Check, events: tuple[Event, ...], toml: str, subject: object = "") -> Said:
    """Return what a check says of a boot."""
    verdict = check(Trace.of(events), reader.parse(toml, None), subject)
    return verdict.reason if isinstance(verdict, NotCovered) else [finding.observed for finding in verdict]
