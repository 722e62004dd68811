"""When a service misbehaves, a boot does what the contract says: exit, not ready, tolerated (M6-M8, M12, I6).

Liveness must not flip with a dependency: it says whether the process should be replaced, which would not help.
"""

from __future__ import annotations

from collections.abc import Callable

from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.model import Contract
from pytest_startup.contract.services import OutcomeWord
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import (
    CanaryAnswered,
    Exited,
    FaultFelt,
    FaultPlanned,
    Killed,
    NeverReady,
    Probed,
    Ready,
    ServiceSwitched,
    StopRequested,
    Trace,
)

DECLARED_AS = {
    "absent": "absent",
    "resets": "absent",
    "cut": "absent",
    "wrong-credentials": "absent",
    "silent": "hangs",
    "slow": "late",
    "late": "late",
    "dies": "dies",
    "returns": "returns",
}
"""Fault of a service -> the key of its outcome in the contract."""

WHILE_UP = ("dies", "returns")
"""Faults which strike an application that is ready."""


def is_declared(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge a boot in which the service `subject` misbehaved by its declared outcome."""
    planned = trace.first(FaultPlanned, subject=subject)
    if planned is None:
        return NotCovered("no fault was planned for this service")
    fault = planned.fault
    word = declared(contract, subject, fault)
    if word is None:
        return NotCovered(f"services.{subject}.outcome.{DECLARED_AS[fault]} is not declared")
    if trace.first(FaultFelt, subject=subject) is None:
        return NotCovered(_unfelt(trace, subject, fault))
    if fault in WHILE_UP and isinstance(contract.health.readiness, NoProbe) and word != "exit":
        return NotCovered(f"readiness would have to follow, and {contract.health.readiness.value}")
    judge = _while_up if fault in WHILE_UP else _AT_BOOT[word]
    return [*judge(trace, contract, subject), *_back(trace, subject), *_stop(trace, subject)]


def declared(contract: Contract, service: str, fault: str) -> OutcomeWord | None:
    """Return the outcome that the contract declares for a fault of a service."""
    word: OutcomeWord | None = getattr(contract.service(service).outcome, DECLARED_AS[fault])
    return word


def _unfelt(trace: Trace, service: str, fault: str) -> str:
    """Return why a fault has not struck."""
    if fault == "wrong-credentials":
        return f"the application shows {service} no password that could be wrong"
    if fault in WHILE_UP and trace.first(Ready) is None:
        return "the boot never became ready"
    return f"the application never met the fault: it did not use {service} meanwhile"


# -- at the boot


def _exits(trace: Trace, contract: Contract, service: str) -> list[Finding]:
    exited, ready, never = trace.first(Exited, asked=False), trace.first(Ready), trace.first(NeverReady)
    expected = f"the process ends with an error within {contract.launch.boot_timeout:g} s"
    if ready is not None:
        return [_finding(trace, service, expected, "it became ready", ready.at)]
    if exited is None or never is not None:
        at = never.at if never is not None else None
        look_at = f"the time limit of whoever connects to {service}"
        return [_finding(trace, service, expected, "it neither ended nor became ready", at, look_at)]
    return _no_error(trace, service, expected, exited)


def _no_error(trace: Trace, service: str, expected: str, exited: Exited) -> list[Finding]:
    return [] if exited.code != 0 else [_finding(trace, service, expected, "exit code 0", exited.at)]


def _stays_unready(trace: Trace, _: Contract, service: str) -> list[Finding]:
    exited, ready = trace.first(Exited, asked=False), trace.first(Ready)
    expected = "the process stays up and is not ready"
    if ready is not None:
        return [_finding(trace, service, expected, "it became ready", ready.at)]
    if exited is not None:
        return [_finding(trace, service, expected, f"it ended with code {exited.code}", exited.at)]
    return []


def _becomes_ready(trace: Trace, contract: Contract, service: str) -> list[Finding]:
    exited, never = trace.first(Exited, asked=False), trace.first(NeverReady)
    expected = f"ready within {contract.launch.boot_timeout:g} s all the same"
    if trace.first(Ready) is not None:
        return []
    if never is not None:
        return [_finding(trace, service, expected, f"still waiting for {never.waiting_for}", never.at)]
    observed = f"the process ended with code {exited.code}" if exited is not None else "it was not ready"
    return [_finding(trace, service, expected, observed, exited.at if exited is not None else None)]


_AT_BOOT: dict[OutcomeWord, Callable[[Trace, Contract, str], list[Finding]]] = {
    "exit": _exits,
    "not-ready": _stays_unready,
    "tolerated": _becomes_ready,
}


# -- while up


def _while_up(trace: Trace, contract: Contract, service: str) -> list[Finding]:
    fault = trace.all(FaultPlanned, subject=service)[0].fault
    word = declared(contract, service, fault)
    exited, died = trace.first(Exited, asked=False), _switched(trace, service, fault)
    if word == "exit":
        expected = f"the process ends with an error once {service} is gone"
        if exited is None:
            return [_finding(trace, service, expected, "it stayed up", died)]
        return _no_error(trace, service, expected, exited)
    if exited is not None:
        return [_finding(trace, service, "the process stays up", f"it ended with code {exited.code}", exited.at)]
    judge = _stays_ready if word == "tolerated" and fault == "dies" else _FOLLOWS[word, fault]
    return [*judge(trace, contract, service, died), *_flips(trace, contract, service, died)]
