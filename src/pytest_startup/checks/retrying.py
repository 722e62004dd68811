"""A service which is not there yet is asked again, and not stormed: attempts, their rate, their pauses (M13, M14, C6).

A storm is one at any time before the application is ready; our probes are slow in such a boot, so that a readiness
which asks the services itself makes none. Pauses are judged as long as nobody outside was answered: from then on that
readiness has a pace of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import ConnectionAttempted, Probed, ServiceSwitched, TapClosed
from pytest_startup.events.process import FaultFelt, FaultPlanned, Ready, StopRequested
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

JUDGED = ("late", "absent")

MOMENT = 0.01
"""Seconds within which several attempts are one: a pool opens its connections at once."""

ROUND = 0.2
"""The part of the longest pause below which a pause is within one round: a client which tries twice at once."""

FEWEST_PAUSES = 2
GROWS = 1.5
"""How many times longer than the shortest of the earlier pauses the longest of the later ones must be."""


def is_patient(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge how the application went on asking for the service `subject`, which was not there."""
    planned = trace.first(FaultPlanned, subject=subject)
    if planned is None or planned.fault not in JUDGED:
        return NotCovered("no fault was planned in which this service is not there yet")
    if trace.first(FaultFelt, subject=subject) is None:
        return NotCovered(f"the application never met the fault: it did not use {subject} meanwhile")
    attempts = list(_attempts(trace, contract, subject, _ready(trace)))
    if not attempts:
        return NotCovered("its attempts to connect cannot be seen: a driver in C makes them, within the process")
    if len(attempts) == 1 and not _was_used(trace, subject):
        return _asked_once(trace, contract, subject, attempts[0])
    storms = _storms(contract, subject, attempts)
    if storms or not contract.service(subject).backoff:
        return storms
    return _keeps_pace(contract, subject, [*_attempts(trace, contract, subject, _answered(trace))])


def _attempts(trace: Trace, contract: Contract, service: str, until: float) -> Iterator[float]:
    """Yield when the service was asked for, up to the first attempt that found it; one moment counts once."""
    back = trace.first(ServiceSwitched, service=service, to="up")
    moment = min(MOMENT, 0.2 / contract.service(service).max_attempts_per_second)
    last = -moment
    for event in trace.all(ConnectionAttempted, service=service):
        if event.at - last < moment or event.at > until:
            continue
        last = event.at
        yield last
        if back is not None and event.at >= back.at:
            return


def _ready(trace: Trace) -> float:
    """Return when the application was ready, or the boot was over."""
    return min((event.at for kind in (Ready, StopRequested) for event in trace.all(kind)), default=float("inf"))


def _answered(trace: Trace) -> float:
    """Return when somebody outside was answered first, or the boot was over."""
    answers = (event.at for event in trace.all(Probed, vantage="outside") if event.answer.isdigit())
    return min([*answers, _ready(trace)])


def _was_used(trace: Trace, service: str) -> bool:
    crossed = trace.last(TapClosed, service=service)
    return crossed is not None and crossed.received > 0


def _asked_once(trace: Trace, contract: Contract, service: str, at: float) -> Verdict:
    """Judge an application which has asked once; it may end then, or do without, where the contract says so."""
    if contract.service(service).outcome.late != "tolerated":
        return NotCovered(f'it was asked once; services.{service}.outcome.late = "tolerated" would ask for more')
    ready, back = trace.first(Ready), trace.first(ServiceSwitched, service=service, to="up")
    if ready is not None and (back is None or ready.at < back.at):
        return NotCovered(f"it was asked once, and the application became ready without {service}")
    return [
        Finding(
            subject=service,
            expected=f"{service} is asked again when it was not there",
            observed="it was asked once, and never again",
            at=at,
            look_at=f"whoever connects to {service}{_users(contract, service)}: it needs a retry, and an end of it",
            on_purpose=f'services.{service}.outcome.late = "exit"',
        )
    ]


def _storms(contract: Contract, service: str, attempts: Sequence[float]) -> list[Finding]:
    """Find a second in which the service was asked too often."""
    most = contract.service(service).max_attempts_per_second
    for first, beyond in zip(attempts, attempts[most:], strict=False):
        if beyond - first < 1.0:
            within = sum(first <= each < first + 1.0 for each in attempts)
            return [
                Finding(
                    subject=service,
                    expected=f"at most {most} attempts to connect to {service} within a second",
                    observed=f"{within} within a second: a storm, which keeps {service} from coming up",
                    at=first,
                    look_at=f"the pause of whoever connects to {service}{_users(contract, service)}, and who else asks",
                    on_purpose=f"services.{service}.max_attempts_per_second = {within}",
                )
            ]
    return []


def _keeps_pace(contract: Contract, service: str, attempts: Sequence[float]) -> Verdict:
    """Find pauses that stay as they are, where they must grow; jitter may make one shorter than the one before."""
    every = [later - earlier for earlier, later in pairwise(attempts)]
    pauses = [pause for pause in every if pause >= ROUND * max(every)]
    if len(pauses) < FEWEST_PAUSES:
        times = "once" if not pauses else f"{len(pauses) + 1} times"
        return NotCovered(
            f"it was asked {times} before anybody outside was answered: too few to tell whether pauses grow"
        )
    half = len(pauses) // 2
    if max(pauses[half:]) >= GROWS * min(pauses[:half]):
        return []
    shown = ", ".join(f"{pause:.2f}" for pause in pauses[:8])
    return [
        Finding(
            subject=service,
            expected=f"the pauses between the attempts to connect to {service} grow",
            observed=f"they stay as they are: {shown} s",
            at=attempts[0],
            look_at=f"the pause of whoever connects to {service}{_users(contract, service)}: double it, up to a limit",
            on_purpose=f"services.{service}.backoff = false",
        )
    ]


def _users(contract: Contract, service: str) -> str:
    users = [phase.name for phase in contract.phases if service in phase.needs]
    return f" (phase {', '.join(users)})" if users else ""
