"""Two instances which wait for one service do not come back to it in step, nor with a storm of connections (C5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import ConnectionAttempted, ServiceSwitched
from pytest_startup.events.instances import INSTANCES, SecondRecorded, TapPeaked
from pytest_startup.events.process import FaultFelt, FaultPlanned, Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

MOMENT = 0.01
"""Seconds within which several attempts are one: a pool opens its connections at once."""

ROUND = 0.2
"""The part of the longest pause below which a pause is within one round: a client which tries twice at once."""

FEWEST = 4
"""Pauses of each that are compared: with fewer, jitter may look like none by chance."""

MANY = 7
"""From so many pauses on a third may differ: a busy machine makes one longer now and then."""

NOISE, SHARE = 0.01, 0.01
"""Seconds, and the part of a pause, by which two pauses that are meant to be the same may differ."""

ALLOWANCE = 2
"""Connections beside the pool: a migration, a check of health."""


def are_scattered(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the pauses of two instances which wait for the service `subject` differ."""
    if not contract.service(subject).jitter:
        return NotCovered(f"the contract does not say that pauses must differ (services.{subject}.jitter)")
    if (why := _unasked(trace, subject)) is not None:
        return why
    one, two = (list(_pauses(each, subject)) for each in (trace, trace.second))
    compared = min(len(one), len(two))
    if compared < FEWEST:
        return NotCovered(f"it was asked {compared + 1} times by each: too few to tell whether their pauses differ")
    differ = sum(abs(a - b) > NOISE + SHARE * max(a, b) for a, b in zip(one, two, strict=False))
    if differ > (compared // 3 if compared >= MANY else 0):
        return []
    shown = ", ".join(f"{pause:.2f}" for pause in one[:8])
    return [
        Finding(
            subject=subject,
            expected=f"two instances which wait for {subject} make different pauses",
            observed=f"both make the same: {shown} s. All that wait come back to it at the same moments",
            at=trace.all(ConnectionAttempted, service=subject)[0].at,
            look_at=f"the pause of whoever connects to {subject}: multiply it by a random number",
            on_purpose=f"services.{subject}.jitter = false",
        )
    ]


def stay_bounded(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that two instances which come back to the service `subject` open no more connections than their pools."""
    pool = contract.service(subject).pool
    if pool is None or pool.most is None:
        return NotCovered(f"the contract does not say how many connections it may have (services.{subject}.pool.most)")
    if (why := _unasked(trace, subject)) is not None:
        return why
    most, found = pool.most + ALLOWANCE, []
    for name, each in zip(INSTANCES, (trace, trace.second), strict=True):
        peak = each.first(TapPeaked, service=subject)
        if peak is None or each.first(Ready) is None:
            return NotCovered(f"{name} never became ready: {each.why_unready()}")
        if peak.most > most:
            found.append(_storm(subject, name, peak, most))
    return found


def _unasked(trace: Trace, service: str) -> NotCovered | None:
    """Return why two instances did not wait for a service."""
    if trace.first(SecondRecorded) is None:
        return NotCovered("no second instance was started")
    if trace.first(FaultPlanned, fault="late", subject=service) is None:
        return NotCovered("no fault was planned in which this service is not there yet")
    felt = [each.first(FaultFelt, fault="late", subject=service) for each in (trace, trace.second)]
    return None if all(felt) else NotCovered(f"they never met the fault: {service} was not used meanwhile")


def _pauses(trace: Trace, service: str) -> Iterator[float]:
    """Yield the pauses between the attempts to connect, up to the first that found the service."""
    attempts = list(_attempts(trace, service))
    every = [later - earlier for earlier, later in pairwise(attempts)]
    yield from (pause for pause in every if pause >= ROUND * _median(every))


def _median(numbers: Sequence[float]) -> float:
    return sorted(numbers)[len(numbers) // 2]


def _attempts(trace: Trace, service: str) -> Iterator[float]:
    back = trace.first(ServiceSwitched, service=service, to="up")
    until = back.at if back is not None else float("inf")
    last = -MOMENT
    for event in trace.all(ConnectionAttempted, service=service):
        if event.at <= until and event.at - last >= MOMENT:
            last = event.at
            yield last


def _storm(service: str, name: str, peak: TapPeaked, most: int) -> Finding:
    return Finding(
        subject=service,
        expected=f"at most {most} connections at a time to {service} from each instance once it is back",
        observed=f"{peak.most} from {name}: with every instance doing so, {service} goes down again",
        at=peak.at,
        look_at="what opens connections beside the pool, and what was kept waiting until the service was back",
        on_purpose=f"services.{service}.pool.most says how many there may be",
    )
