"""What readiness tells of each service is true: away, or well (C10, I16)."""

from __future__ import annotations

import math
from typing import Any

from pytest_startup.contract.health import NoProbe, holds
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import Probed, ServiceSwitched
from pytest_startup.events.process import Ready, StopRequested
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import WHILE_UP

UNREADY = NotCovered("the boot never became ready")


def tells_the_truth(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge the last answer of readiness by how the service `subject` was by then.

    It is away when it never was there (`kind = "unavailable"`), or has died; until it comes back.
    """
    report, readiness = contract.service(subject).report, contract.health.readiness
    if report is None:
        return NotCovered(f"the contract does not say how readiness tells of it (services.{subject}.report)")
    if isinstance(readiness, NoProbe):
        return NotCovered(readiness.value)
    if trace.first(Ready) is None:
        return UNREADY
    switches = trace.all(ServiceSwitched, service=subject)
    gone = next((each.at for each in switches if each.to in WHILE_UP), math.inf)
    answer = _last_answer(trace, next((each.at for each in switches if each.at > gone), math.inf))
    if answer is None:
        return NotCovered("readiness was not asked once it was ready")
    away = contract.service(subject).kind == "unavailable" or gone < math.inf
    wanted = report.away if away else report.up
    if holds(answer.fields, {report.path: wanted}):
        return []
    observed: Any = answer.fields.get(report.path, "no such field")
    return [
        Finding(
            subject=subject,
            expected=f"readiness says {report.path} = {wanted!r} while {subject} is {'away' if away else 'well'}",
            observed=f"{observed!r}",
            at=answer.at,
            look_at=f"what asks how {subject} is",
        )
    ]


def _last_answer(trace: Trace, until: float) -> Probed | None:
    """Return the last answer from outside until then, before the stop."""
    stop = trace.first(StopRequested)
    last = min(until, stop.at if stop is not None else math.inf)
    answers = [each for each in trace.all(Probed, vantage="outside", role="readiness") if each.at <= last]
    return answers[-1] if answers and answers[-1].answer.isdigit() else None
