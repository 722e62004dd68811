"""A language model that fails while the application is up: told in time, not made up for, and over when it is (I14)."""

from __future__ import annotations

import math
from dataclasses import replace

from pytest_startup.contract.failing import RETRY_AFTER_SECONDS, Failure
from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import Probed, ServiceSwitched
from pytest_startup.events.guarded import MODEL_WALKER, TURN, ModelUsed
from pytest_startup.events.process import Exited, Ready, StopRequested
from pytest_startup.events.used import TOO_MANY, JourneyStepped
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

EARLY = 0.9
"""The part of a Retry-After that a retry has to wait at least: clocks and connections take their time."""

"""What whoever comes once more for each failure may be answered by a rate limit: that is our own doing."""

WORDS = {
    "throttles": "answers 429",
    "errs": "answers 500",
    "falls-silent": "never answers",
    "breaks-off": "breaks off in the middle of an answer",
}


def is_told(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that what uses the model ends in an error, in time, while that fails; `subject` is `service:way`."""
    name, _, way = subject.partition(":")
    failure = contract.service(name).failure
    if failure is None:
        return NotCovered(f"services.{name}.failure is not declared")
    unused = _unused(trace, name, way)
    if unused:
        return NotCovered(unused)
    worked = {each.what for each in trace.all(ModelUsed, service=name, when="before") if each.works}
    used = [each for each in trace.all(ModelUsed, service=name, way=way, when="during") if each.what in worked]
    if not used:
        return NotCovered("it did not work before either")
    asked = [each for each in used if each.requests or not each.works]
    return [finding for each in asked or used for finding in _told(each, failure)]


def keeps_health(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what liveness and readiness say while the model fails; `subject` is `service:way`."""
    name, _, way = subject.partition(":")
    failure, liveness, readiness = contract.service(name).failure, contract.health.liveness, contract.health.readiness
    since, until = _span(trace, name, way)
    if failure is None or since == math.inf:
        return NotCovered(_unused(trace, name, way) or f"services.{name}.failure is not declared")
    found = []
    exited = trace.first(Exited, asked=False)
    if exited is not None and since <= exited.at:
        found.append(_finding(name, way, "the process stays up", f"it ended with code {exited.code}", exited.at))
    if not isinstance(liveness, NoProbe):
        dead = [each for each in _answers(trace, "liveness", since, until) if each.answer != str(liveness.status)]
        found += [_finding(name, way, "liveness stays", f"it said {each.answer}", each.at) for each in dead[:1]]
    if isinstance(readiness, NoProbe) or failure.readiness is None:
        judged = found or not isinstance(liveness, NoProbe)
        return found if judged else NotCovered("the contract names no liveness, and not what readiness says meanwhile")
    last = _answers(trace, "readiness", 0.0, until)[-1:]  # on record when it changes: it holds until then
    if failure.readiness == "not-ready" and all(readiness.says_ready(each.answer, each.fields) for each in last):
        found.append(_finding(name, way, "readiness says not ready", "it says ready", since))
    if failure.readiness == "tolerated":
        said = _answers(trace, "readiness", since, until)
        flipped = [each for each in said if not readiness.says_ready(each.answer, each.fields)]
        found += [_finding(name, way, "readiness says ready", f"it said {e.answer}", e.at) for e in flipped[:1]]
    return found


def is_over(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the model is used again, and readiness is back, once it fails no more; `subject` is `service:way`.

    What does not work at once is tried again for a while; it is the last time which counts.
    """
    name, _, way = subject.partition(":")
    if contract.service(name).failure is None:
        return NotCovered(f"services.{name}.failure is not declared")
    unused = _unused(trace, name, way)
    if unused:
        return NotCovered(unused)
    (_, back), exited = _span(trace, name, way), trace.first(Exited, asked=False)
    until = next((each.at for each in trace.all(ServiceSwitched, service=name) if each.at > back), math.inf)
    if exited is not None and exited.at < until:
        return NotCovered(f"the process had ended by then, with code {exited.code}")
    worked = {each.what for each in trace.all(ModelUsed, service=name, when="before") if each.works}
    after = trace.all(ModelUsed, service=name, way=way, when="after")
    last = {each.what: each for each in after if each.what in worked}
    stuck = _stuck(trace, back, until)
    found = [
        _after(name, way, f"{each.what} works once the model is back", each.observed, each.at)
        for each in last.values()
        if not each.works
    ]
    if stuck is not None and stuck.answer != TOO_MANY:
        expected = f"{stuck.request}, on the way to the model, works once that is back"
        found.append(_after(name, way, expected, stuck.problem, stuck.at))
    found += _unready(trace, contract, (name, way), until) if back < math.inf else []
    if found or (worked and worked <= last.keys()):
        return found
    turned_away = f"who would have used it again was turned away: {stuck.request}: {stuck.problem}" if stuck else ""
    return NotCovered(turned_away or "it was not used again")


def _stuck(trace: Trace, since: float, until: float) -> JourneyStepped | None:
    """Return the step at which the way to the model ended the last time, where it had led further before."""
    steps = trace.all(JourneyStepped, walker=MODEL_WALKER)
    last = next((each for each in reversed(steps) if since <= each.at <= until), None)
    if last is None or not last.problem:
        return None
    return last if any(each.step == last.step and not each.problem for each in steps if each.at < since) else None


def _unready(trace: Trace, contract: Contract, failed: tuple[str, str], until: float) -> list[Finding]:
    """Find that readiness has not come back: an answer is on record when it changes, so the last one still holds."""
    readiness, (name, way) = contract.health.readiness, failed
    said = [] if isinstance(readiness, NoProbe) else _answers(trace, "readiness", 0.0, until)
    if isinstance(readiness, NoProbe) or not said or readiness.says_ready(said[-1].answer, said[-1].fields):
        return []
    expected = "readiness says ready once it is back"
    return [_after(name, way, expected, f"it says {said[-1].answer}", said[-1].at)]


def _unused(trace: Trace, name: str, way: str) -> str:
    """Return why it cannot be told what a failure comes to; empty when it can."""
    if trace.first(Ready) is None:
        return "the boot never became ready"
    used = trace.all(ModelUsed, service=name, way=way, when="during")
    if not used:
        return "nothing used the model in this boot: services.NAME.canary, failure.use and failure.journey say how"
    if not any(each.requests for each in used) and not any(each.works for each in used):
        return "what uses the model failed without asking it"
    return ""


def _told(used: ModelUsed, failure: Failure) -> list[Finding]:
    found = []
    if used.works:
        expected = f"{used.what} ends in an error"
        found.append(_finding(used.service, used.way, expected, f"a success: {used.observed}", used.at))
    elif used.what.partition(" ")[0].isupper() and used.observed not in map(str, failure.status):
        expected = f"{used.what} is answered by {' or '.join(map(str, failure.status))}"
        found.append(_finding(used.service, used.way, expected, used.observed, used.at))
    elif used.what == TURN and failure.event is not None and not used.observed.startswith(f"{failure.event} came"):
        expected = f"{used.what} ends with {failure.event}"
        found.append(_finding(used.service, used.way, expected, used.observed, used.at))
    if used.seconds > failure.max_seconds:
        expected = f"{used.what} ends within {failure.max_seconds:g} s"
        observed = f"{used.observed} after {used.seconds:.1f} s"
        found.append(_finding(used.service, used.way, expected, observed, used.at))
    if used.requests > failure.max_requests:
        expected = f"{used.what} comes to at most {failure.max_requests} requests"
        observed = f"{used.requests} within {used.seconds:.1f} s"
        found.append(_finding(used.service, used.way, expected, observed, used.at))
    impatient = 0 <= used.shortest < EARLY * RETRY_AFTER_SECONDS
    if failure.retry_after and used.way == "throttles" and impatient:
        expected = f"{used.what} waits {RETRY_AFTER_SECONDS} s before it tries again, as Retry-After says"
        found.append(_finding(used.service, used.way, expected, f"{used.shortest:.2f} s", used.at))
    return found


def _span(trace: Trace, name: str, way: str) -> tuple[float, float]:
    """Return when the model began to fail in a way, and when it was back; never is infinite."""
    switches = trace.all(ServiceSwitched, service=name)
    since = next((each.at for each in switches if each.to == way), math.inf)
    return since, next((each.at for each in switches if each.at > since), math.inf)


def _answers(trace: Trace, role: str, since: float, until: float) -> list[Probed]:
    """Return what was said to questions of this time, before the stop."""
    stop = trace.first(StopRequested)
    last = min(until, stop.at if stop is not None else math.inf)
    return [e for e in trace.all(Probed, vantage="outside", role=role) if since <= e.began and e.at <= last]


def _finding(name: str, way: str, expected: str, observed: str, at: float) -> Finding:
    return Finding(
        subject=name,
        expected=f"while {name} {WORDS[way]}: {expected}",
        observed=observed,
        at=at,
        look_at=f"what becomes of an error of {name}: its time limit, its retries, what is answered instead",
        on_purpose=f"services.{name}.failure says what is right",
    )


def _after(name: str, way: str, expected: str, observed: str, at: float) -> Finding:
    found = _finding(name, way, expected, observed, at)
    return replace(found, expected=f"after {name} {WORDS[way]}: {expected}", look_at="what a failure leaves behind")
