"""Components are there once the application is ready, and wired to one another (S1-S3)."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import AgentAttached, ComponentResolved, LinkResolved, PortBound
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def component(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that a component is in its place, and not empty where it must not be."""
    if (why := _unseen(trace, contract.components, "components")) is not None:
        return why
    declared = contract.component(subject)
    found = trace.first(ComponentResolved, component=subject)
    if found is None:
        return NotCovered("it was not asked about")
    if not found.present:
        if declared.optional:
            return NotCovered(f"optional, and not there: {found.reason}")
        return [_finding(subject, f"something at {declared.place}", found.reason, found.at)]
    if declared.not_empty and not found.size:
        observed = (
            f"a {found.type} with {found.size} entries"
            if found.size is not None
            else f"a {found.type} without a length"
        )
        return [_finding(subject, f"something in {declared.place}", observed, found.at)]
    return []


def link(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that one component holds the very object that is the other component."""
    if (why := _unseen(trace, contract.wiring, "wiring")) is not None:
        return why
    declared = next(each for each in contract.wiring if each.place.text == subject)
    found = trace.first(LinkResolved, link=subject)
    if found is None:
        return NotCovered("it was not asked about")
    if found.holds:
        return []
    absent = next((name for name in (declared.place.name, declared.target) if _is_absent(trace, name)), None)
    if absent is not None:
        return NotCovered(f"component {absent} is not there")
    expected = f"{subject} is the component {declared.target}, the same object"
    return [_finding(subject, expected, found.observed, found.at)]


def _is_absent(trace: Trace, name: str) -> bool:
    """Whether a component is known to be missing: then that is what has to be told, and not of every link again."""
    found = trace.first(ComponentResolved, component=name)
    return found is not None and not found.present


def _unseen(trace: Trace, declared: Sequence[object], what: str) -> NotCovered | None:
    if not declared:
        return NotCovered(f"the contract declares no {what}")
    if trace.first(PortBound) is None and trace.first(AgentAttached) is not None:
        return NotCovered("the boot never came to serve")
    if trace.first(AgentAttached) is None:
        return NotCovered("the application was watched from outside, where components cannot be seen")
    return None


def _finding(subject: str, expected: str, observed: str, at: float) -> Finding:
    look_at = "the phase that provides it, and the order in which it is handed on"
    return Finding(subject=subject, expected=expected, observed=observed, at=at, look_at=look_at)
