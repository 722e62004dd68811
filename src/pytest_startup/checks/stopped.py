"""The application stops when asked, in its time, and leaves nothing behind (M18)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.edge import ServiceOffered
from pytest_startup.events.inside import LifespanComplete, ShutdownBegan, ShutdownComplete, ShutdownFailed, Snapshot
from pytest_startup.events.process import Exited, Killed, LeftBehind, Ready, StopRequested
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

ENDS_OF_SIGTERM = (0, -15, 143)
"""Exit codes of a clean end after SIGTERM: handled, not handled, and as a shell reports it (128 + 15)."""


def stops(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that SIGTERM ended it within launch.stop_timeout, without an error."""
    if (why := _unseen(trace, contract)) is not None:
        return why
    expected = f"a clean end within {contract.launch.stop_timeout:g} s of SIGTERM"
    killed, failed, exited = trace.first(Killed), trace.first(ShutdownFailed), trace.first(Exited)
    if killed is not None:
        look_at = "what the shutdown waits for: a task that ignores its cancellation, a thread, a connection"
        return [Finding(subject="stop", expected=expected, observed=killed.reason, at=killed.at, look_at=look_at)]
    if failed is not None:
        observed = f"the shutdown failed: {failed.error}"
        return [Finding(subject="stop", expected=expected, observed=observed, at=failed.at)]
    if exited is None or exited.code in ENDS_OF_SIGTERM:
        return _cut_short(trace, expected)
    return [Finding(subject="stop", expected=expected, observed=f"exit code {exited.code}", at=exited.at)]


def _cut_short(trace: Trace, expected: str) -> list[Finding]:
    """Find an end that looks clean from outside, but for which nothing was closed: the shutdown did not complete."""
    exited = trace.first(Exited)
    if trace.first(LifespanComplete) is None or trace.first(ShutdownComplete) is not None or exited is None:
        return []
    half = "only half of its shutdown" if trace.first(ShutdownBegan) is not None else "no shutdown of its own"
    return [
        Finding(
            subject="stop",
            expected=expected,
            observed=f"exit code {exited.code} after {half}",
            at=exited.at,
            look_at="what takes the signal away from the server, or ends the process before its time",
        )
    ]


def leaves_nothing(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that no process and no open port outlived the application."""
    if isinstance(contract.launch.app, Url):
        return NotCovered("an application that was up already is not stopped by us")
    return [
        Finding(subject=event.what, expected="nothing is left after the end", observed=event.detail, at=event.at)
        for event in trace.all(LeftBehind)
    ]


def ends_its_tasks(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that no asyncio task of the application outlived its own shutdown."""
    if (why := _unseen(trace, contract)) is not None:
        return why
    held = trace.first(Snapshot, when="stopped")
    if held is None:
        return NotCovered("the end of the lifespan was not seen from inside")
    look_at = "where it is created: keep it, cancel it at shutdown, and await it"
    return [
        Finding(
            subject="task", expected="no task is left after the shutdown", observed=task, at=held.at, look_at=look_at
        )
        for task in held.tasks
    ]


def closes_its_connections(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that no connection to a declared service outlived the application's own shutdown."""
    if (why := _unseen(trace, contract)) is not None:
        return why
    held = trace.first(Snapshot, when="stopped")
    services = {event.address: event.service for event in trace.all(ServiceOffered)}
    if held is None:
        return NotCovered("the end of the lifespan was not seen from inside")
    if not services:
        return NotCovered("the contract declares no services")
    return [
        Finding(
            subject=services[peer],
            expected=f"no connection to {services[peer]} is left after the shutdown",
            observed=f"one is still open, to {peer}",
            at=held.at,
            look_at=f"the shutdown of whatever uses {services[peer]}: close its client or pool, and await that",
        )
        for peer in held.peers
        if peer in services
    ]


def _unseen(trace: Trace, contract: Contract) -> NotCovered | None:
    if isinstance(contract.launch.app, Url):
        return NotCovered("an application that was up already is not stopped by us")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    return None if trace.first(StopRequested) is not None else NotCovered("it had ended before it was asked to")
