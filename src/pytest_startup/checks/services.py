"""Services answer, by a capability that is really used: bytes at the tap, not words of the application (S4)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract, Service
from pytest_startup.events.edge import CanaryAnswered, TapClosed, Touched
from pytest_startup.events.inside import AgentAttached, PortBound
from pytest_startup.events.process import Exited, Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def answers(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the application can use a service once it is ready."""
    if not contract.services:
        return NotCovered("the contract declares no services")
    service = contract.service(subject)
    if service.kind == "unavailable":
        return NotCovered("declared as not there")
    if not _serves(trace):
        return NotCovered("the boot never came to serve")
    if service.canary is None or trace.first(AgentAttached) is None:
        return _touched(trace, contract, service)
    return _canary(trace, service)


def _serves(trace: Trace) -> bool:
    return trace.first(Ready) is not None or trace.first(PortBound) is not None


def _canary(trace: Trace, service: Service) -> Verdict:
    found = trace.first(CanaryAnswered, service=service.name)
    if found is None:
        return NotCovered("its canary was not asked")
    works = f"{service.canary} works, and is seen at {service.name}"
    if not found.works and trace.first(Exited, asked=False) is not None:
        return NotCovered("the process had ended by itself before its canary answered")
    if not found.works:
        return [Finding(subject=service.name, expected=works, observed=f"it {found.observed}", at=found.at)]
    if found.crossed:
        return []
    observed = f"it {found.observed}, but not one byte went to {service.name} or came from it"
    return [Finding(subject=service.name, expected=works, observed=observed, at=found.at)]


def _touched(trace: Trace, contract: Contract, service: Service) -> Verdict:
    """Judge by the boot alone: whoever needs the service must at least have talked to it."""
    crossed = trace.first(TapClosed, service=service.name)
    if trace.first(Touched, service=service.name) is not None and crossed is not None and crossed.received:
        return []
    users = [phase.name for phase in contract.phases if service.name in phase.needs]
    if not users:
        return NotCovered("not used while starting, and the contract gives no canary for it")
    expected = f"an answer of {service.name} during the start, since {', '.join(users)} needs it"
    return [Finding(subject=service.name, expected=expected, observed="not one byte came from it")]
