"""What readiness tells of each service is true: away, or well (C10, I16)."""

from __future__ import annotations

import math
from typing import Any

from pytest_startup.contract.health import NoProbe, holds
from pytest_startup.contract.model import Contract, Service
from pytest_startup.contract.values import Url
from pytest_startup.events.edge import Probed, ServiceSwitched
from pytest_startup.events.guarded import SecretTold
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
    return _told(trace, contract.service(subject), answer, away=away)


def in_profile(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what readiness tells of a service that is not there, in a profile; `subject` is `profile:service`.

    Whether it is ready is not the question: one that is not has to say why.
    """
    profile, _, name = subject.partition(":")
    service, readiness = contract.within(profile).service(name), contract.health.readiness
    if service.report is None:
        return NotCovered(f"the contract does not say how readiness tells of it (services.{name}.report)")
    if isinstance(readiness, NoProbe):
        return NotCovered(readiness.value)
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, in whatever profile that is")
    if service.outcome.absent == "exit":
        return NotCovered("the process ends, so that readiness has nothing to tell")
    answer = _last_answer(trace, math.inf)
    if answer is None:
        return NotCovered("readiness never answered from outside")
    return _told(trace, service, answer, away=True)


def _told(trace: Trace, service: Service, answer: Probed, *, away: bool) -> list[Finding]:
    """Find what one answer of readiness tells of a service that is not so."""
    report = service.report
    if report is None:
        return []
    wanted: dict[str, Any] = {report.path: report.away if away else report.up, **report.tells}
    if report.required is not None:
        wanted[report.required] = service.required
    state = "away" if away else "well"
    found = [
        _finding(service, f"{field} = {value!r} while {service.name} is {state}", answer, field)
        for field, value in wanted.items()
        if not holds(answer.fields, {field: value})
    ]
    if report.error is not None and away and not answer.fields.get(report.error):
        found.append(_finding(service, f"in {report.error} why {service.name} is away", answer, report.error))
    leaks = [each for each in trace.all(SecretTold, role="readiness") if each.field in report.fields]
    return [*found, *(_leak(service, each) for each in leaks[:1])]


def _finding(service: Service, expected: str, answer: Probed, field: str) -> Finding:
    return Finding(
        subject=service.name,
        expected=f"readiness says {expected}",
        observed=f"{answer.fields.get(field, 'no such field')!r}",
        at=answer.at,
        look_at=f"what asks how {service.name} is",
    )


def _leak(service: Service, told: SecretTold) -> Finding:
    return Finding(
        subject=service.name,
        expected=f"{told.field} of readiness, which anybody may ask, holds no secret",
        observed=told.text,
        at=told.at,
        look_at="the text of the error, which often has the whole URL in it",
    )


def _last_answer(trace: Trace, until: float) -> Probed | None:
    """Return the last answer from outside until then, before the stop."""
    stop = trace.first(StopRequested)
    last = min(until, stop.at if stop is not None else math.inf)
    answers = [each for each in trace.all(Probed, vantage="outside", role="readiness") if each.at <= last]
    return answers[-1] if answers and answers[-1].answer.isdigit() else None
