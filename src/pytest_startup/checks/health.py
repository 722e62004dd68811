"""Health that tells the truth: not ready until the last phase has ended, ready afterwards (S5, M4).

Liveness and readiness in the sense of the Kubernetes probes: readiness says whether traffic may be sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_startup.contract.health import NoProbe, Probe, ReadinessProbe, holds
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import AgentAttached, PhaseEntered, PhaseLeft
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

UNREADY = NotCovered("the boot never became ready")


def when_ready(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge the answer of `liveness` or `readiness` from outside, once the application is ready."""
    ready = trace.first(Ready)
    if ready is None:
        return UNREADY
    probe = _declared(contract, subject)
    if isinstance(probe, NoProbe):
        return _discovered(trace, probe)
    answers = [each for each in trace.all(Probed, vantage="outside", role=subject) if each.began >= ready.at]
    if not answers:
        return NotCovered("it was not asked after the start")
    return [finding for each in answers for finding in _compare(each, probe)]


def _declared(contract: Contract, role: str) -> Probe | NoProbe:
    return contract.health.liveness if role == "liveness" else contract.health.readiness


def _compare(answer: Probed, probe: Probe) -> list[Finding]:
    seconds = answer.at - answer.began
    observed = _answer(answer.answer, answer.fields)
    if answer.answer != str(probe.status) or not holds(answer.fields, probe.fields):
        return [_finding(answer, f"{_answer(str(probe.status), probe.fields)} once ready", observed)]
    if seconds > probe.max_seconds:
        return [_finding(answer, f"an answer within {probe.max_seconds:g} s", f"{seconds:.2f} s")]
    return []


def _discovered(trace: Trace, why: NoProbe) -> Verdict:
    """Judge what answers at the usual paths: a health page of an application that is up has no reason to fail."""
    control = trace.first(Probed, role="control")
    found = [each for each in trace.all(Probed, role="discovered") if each.path != "/" and each.answer != "404"]
    if why is NoProbe.DECLARED or not found or (control is not None and control.answer == "200"):
        return NotCovered(f"{why.value}, and no usual path answers" if why is NoProbe.UNDECLARED else why.value)
    broken = [each for each in found if not each.answer.isdigit() or int(each.answer) >= 500]  # noqa: PLR2004
    return [_finding(each, "a health page that works once the application is up", each.answer) for each in broken]


def control(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that a path which cannot exist is not answered as the health endpoints are (S5).

    A front end may answer anything with its page; health which is known by fields of its body as well is no such page.
    """
    found = trace.first(Probed, role="control")
    if found is None:
        return UNREADY
    probes = [
        probe for probe in (contract.health.liveness, contract.health.readiness) if not isinstance(probe, NoProbe)
    ]
    if not probes:
        return NotCovered("the contract names no health endpoint to compare with")
    if not any(found.answer == str(probe.status) and holds(found.fields, probe.fields) for probe in probes):
        return []
    expected = "another answer than a health endpoint gives"
    look_at = (
        "the catch-all route: say in health which `fields` tell the endpoint from it, so that a missing one is noticed"
    )
    return [_finding(found, expected, f"{found.answer}, as for anything", look_at)]


def not_ready_during(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that readiness did not say ready while the phase `subject` had still to end (M4).

    An answer belongs to the first phase that had not ended when it came; one that a phase's end overtook is nobody's.
    """
    readiness = contract.health.readiness
    if isinstance(readiness, NoProbe):
        return NotCovered(readiness.value)
    if not contract.phases:
        return NotCovered("the contract declares no phases to compare with")
    if trace.first(Ready) is None:
        return UNREADY
    if trace.first(AgentAttached) is None and not trace.all(PhaseEntered):
        return NotCovered("the application was watched from outside, where its phases cannot be seen")
    asked = _while_unfinished(trace, contract, subject)
    if not asked:
        return NotCovered("readiness was not asked in this phase: it passed too quickly, or held up the event loop")
    return [finding for each in asked for finding in _too_early(each, readiness, subject)][:1]


def told_outside(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that whoever asks from outside is told "not ready" before it is ready, wherever that can be told (M4).

    Where the port opens only after the startup, a load balancer can never hear it: that is said, not judged. A port
    which is open, and whose readiness says nothing at all, is a finding: whoever only connects takes it for ready.
    """
    readiness, ready = contract.health.readiness, trace.first(Ready)
    if isinstance(readiness, NoProbe):
        return NotCovered(readiness.value)
    if ready is None:
        return UNREADY
    before = [each for each in trace.all(Probed, role="readiness") if each.at <= ready.at]
    outside = [
        each for each in before if each.vantage == "outside" and not readiness.says_ready(each.answer, each.fields)
    ]
    allowed = [str(status) for status in readiness.not_ready_status]
    if any(each.answer in allowed if allowed else each.answer.isdigit() for each in outside):
        return []
    silent = [each for each in outside if each.answer != "refused"]
    if not silent:
        return NotCovered(_never_heard([each for each in before if each.vantage == "inside"], readiness))
    expected = f"{_not_ready(readiness)} until it is ready, or a port that is still closed"
    look_at = "what holds up readiness while the application starts; an open port is taken for ready by some"
    return [_finding(silent[-1], expected, silent[-1].answer, look_at)]


def _never_heard(inside: list[Probed], probe: ReadinessProbe) -> str:
    """Return why nobody outside could be told "not ready"."""
    said = [each for each in inside if each.answer.isdigit()]
    unready = [each.answer for each in said if not probe.says_ready(each.answer, each.fields)]
    if not unready:
        return "nobody listened before it was ready, so there was nobody to be told"
    return (
        f"{probe.path} has an answer for not ready ({unready[0]}), but nobody outside can ever hear it: the port opens "
        "only once the startup is complete. A load balancer sees refused connections, and then ready"
    )


def _not_ready(probe: ReadinessProbe) -> str:
    return " or ".join(map(str, probe.not_ready_status)) or f"another status than {probe.status}"


def _while_unfinished(trace: Trace, contract: Contract, subject: str) -> list[Probed]:
    """Return the answers of readiness that came after the phases before `subject` had ended, and before it had."""
    ends = _ends(trace, contract)
    if subject not in ends:
        return []
    last = max(ends.values())
    before = max((end for end in ends.values() if end < ends[subject]), default=-1.0)
    answers = [each for each in trace.all(Probed, role="readiness") if _says_something(each) and each.at <= last]
    return [each for each in answers if each.began >= before and each.at <= ends[subject]]


def _says_something(answer: Probed) -> bool:
    """Whether an answer is a status, or an exception of the application (outside, a server makes a 500 of it)."""
    return answer.answer.isdigit() or (answer.vantage == "inside" and answer.answer.startswith("error: "))


def _ends(trace: Trace, contract: Contract) -> dict[str, float]:
    found = {phase.name: trace.last(PhaseLeft, phase=phase.name) for phase in contract.phases}
    return {name: event.at for name, event in found.items() if event is not None}


def _too_early(answer: Probed, probe: ReadinessProbe, phase: str) -> list[Finding]:
    observed = _answer(answer.answer, answer.fields)
    look_at = f"where the state of readiness is set: {phase} had not ended"
    if probe.says_ready(answer.answer, answer.fields):
        return [_finding(answer, f"not ready until {phase} has ended", observed, look_at)]
    statuses = [str(status) for status in probe.not_ready_status]
    wrong_status = answer.answer not in statuses if statuses else answer.answer == str(probe.status)
    if wrong_status or not holds(answer.fields, probe.not_ready_fields):
        allowed = " or ".join(statuses) or f"another status than {probe.status}"
        return [
            _finding(answer, f"{_answer(allowed, probe.not_ready_fields)} until {phase} has ended", observed, look_at)
        ]
    return []


def _answer(status: str, fields: Mapping[str, Any]) -> str:
    return f"{status} {json.dumps(dict(fields))}" if fields else status


def _finding(answer: Probed, expected: str, observed: str, look_at: str = "") -> Finding:
    subject = f"{answer.role} {answer.path}"
    return Finding(subject=subject, expected=expected, observed=observed, at=answer.at, look_at=look_at)
