"""When a service misbehaves, a boot does what the contract says: exit, not ready, tolerated (M6-M8, M12, I6).

Liveness must not flip with a dependency: it says whether the process should be replaced, which would not help.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.model import Contract
from pytest_startup.contract.services import OutcomeWord
from pytest_startup.contract.values import Url
from pytest_startup.events.edge import CanaryAnswered, Probed, ServiceOffered, ServiceSwitched
from pytest_startup.events.process import (
    Exited,
    FaultFelt,
    FaultPlanned,
    Killed,
    LogLine,
    NeverReady,
    Ready,
    StopRequested,
)
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import WHILE_UP

DECLARED_AS = {
    "absent": "absent",
    "resets": "absent",
    "cut": "absent",
    "breaks": "absent",
    "wrong-credentials": "absent",
    "silent": "hangs",
    "slow": "late",
    "late": "late",
    "falters": "falters",
    "dies": "dies",
    "returns": "returns",
    "stalls": "stalls",
}
"""Fault of a service -> the key of its outcome in the contract."""


def is_declared(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge a boot in which the service `subject` misbehaved by its declared outcome."""
    planned = trace.first(FaultPlanned, subject=subject)
    if planned is None:
        return NotCovered("no fault was planned for this service")
    return _judge(trace, contract, subject, planned.fault)


def while_gone(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge the time from when the service `subject` died or hung, until it came back or the boot was stopped."""
    planned = trace.first(FaultPlanned, subject=subject)
    if planned is None or planned.fault not in WHILE_UP:
        return NotCovered("the service did not die while the application was up")
    return _judge(trace, contract, subject, "stalls" if planned.fault == "stalls" else "dies")


def in_profile(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge a boot in a profile in which a service is not there; `subject` is `profile:service`.

    What never is there at all strikes nobody in particular. That the process has ended proves something only where it
    names the service: it may have ended for another reason.
    """
    profile, _, service = subject.partition(":")
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, in whatever profile that is")
    within = contract.within(profile)
    word = declared(within, service, "absent")
    if word is None:
        return NotCovered(f"profiles.{profile}.absent.{service} is not declared")
    if within.service(service).kind != "unavailable" and trace.first(FaultFelt, subject=service) is None:
        return NotCovered(_unfelt(trace, service, "absent"))
    found = [*_AT_BOOT[word](trace, within, service), *_stop(trace, service)]
    if not found and word == "exit" and not _names(trace, service):
        return NotCovered(f"it ended, and nothing that it said names {service}")
    on_purpose = f"profiles.{profile}.absent.{service} says what is right"
    return [replace(each, subject=f"{service} in {profile}", on_purpose=on_purpose) for each in found]


def _names(trace: Trace, service: str) -> bool:
    """Whether the log names a service, or where it should be."""
    offered = trace.first(ServiceOffered, service=service)
    words = [service, *([offered.address.rpartition(":")[2]] if offered is not None else [])]
    return any(word in line.text for line in trace.all(LogLine) for word in words)


def _judge(trace: Trace, contract: Contract, subject: str, fault: str) -> Verdict:
    """Judge what came of a fault by the outcome that is declared for it."""
    word = declared(contract, subject, fault)
    if word is None:
        return NotCovered(f"services.{subject}.outcome.{DECLARED_AS[fault]} is not declared")
    if trace.first(FaultFelt, subject=subject) is None:
        return NotCovered(_unfelt(trace, subject, fault))
    if fault in WHILE_UP and isinstance(contract.health.readiness, NoProbe) and word != "exit":
        return NotCovered(f"readiness would have to follow, and {contract.health.readiness.value}")
    if fault in WHILE_UP:
        found = _while_up(trace, contract, subject, fault, word)
    else:
        found = _AT_BOOT[word](trace, contract, subject)
    on_purpose = f"services.{subject}.outcome.{DECLARED_AS[fault]} says what is right"
    stop = _stop(trace, subject) if fault != "returns" else []  # what is gone at the stop is the business of `dies`
    return [*(replace(each, on_purpose=on_purpose) for each in found), *stop]


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
        return [_finding(service, expected, "it became ready", ready.at)]
    if exited is None or never is not None:
        at = never.at if never is not None else None
        look_at = f"the time limit of whoever connects to {service}"
        observed = "it neither ended nor became ready" if exited is None else f"it ended after {exited.at:.1f} s"
        return [_finding(service, expected, observed, at, look_at)]
    return _no_error(service, expected, exited)


def _no_error(service: str, expected: str, exited: Exited) -> list[Finding]:
    return [] if exited.code != 0 else [_finding(service, expected, "exit code 0", exited.at)]


def _stays_unready(trace: Trace, _: Contract, service: str) -> list[Finding]:
    exited, ready = trace.first(Exited, asked=False), trace.first(Ready)
    expected = "the process stays up and is not ready"
    if ready is not None:
        return [_finding(service, expected, "it became ready", ready.at)]
    if exited is not None:
        return [_finding(service, expected, f"it ended with code {exited.code}", exited.at)]
    return []


def _becomes_ready(trace: Trace, contract: Contract, service: str) -> list[Finding]:
    exited, never = trace.first(Exited, asked=False), trace.first(NeverReady)
    expected = f"ready within {contract.launch.boot_timeout:g} s all the same"
    if trace.first(Ready) is not None:
        return []
    if never is not None:
        return [_finding(service, expected, f"still waiting for {never.waiting_for}", never.at)]
    observed = f"the process ended with code {exited.code}" if exited is not None else "it was not ready"
    return [_finding(service, expected, observed, exited.at if exited is not None else None)]


_AT_BOOT: dict[OutcomeWord, Callable[[Trace, Contract, str], list[Finding]]] = {
    "exit": _exits,
    "not-ready": _stays_unready,
    "tolerated": _becomes_ready,
}


# -- while up


def _while_up(trace: Trace, contract: Contract, service: str, fault: str, word: OutcomeWord) -> list[Finding]:
    exited, gone = trace.first(Exited, asked=False), _gone(trace, service)
    if word == "exit":
        expected = f"the process ends with an error once {_state(trace, service)}"
        if exited is None:
            return [_finding(service, expected, "it stayed up", gone)]
        return _no_error(service, expected, exited)
    if exited is not None:
        return [_finding(service, "the process stays up", f"it ended with code {exited.code}", exited.at)]
    back = _back(trace, service, gone)
    until = _gone(trace, service, back) if fault == "returns" else back
    judge = _follows if word == "not-ready" else _comes_back if fault == "returns" else _goes_on
    answers = _answers(trace, "readiness", gone, until)
    return [*judge(trace, contract, service, gone, answers), *_flips(trace, contract, service, gone, until)]


def _gone(trace: Trace, service: str, since: float = 0.0) -> float:
    """Return when a service died first, from then on; never is infinite."""
    died = [each.at for each in trace.all(ServiceSwitched, service=service) if each.to in WHILE_UP and each.at >= since]
    return died[0] if died else math.inf


def _back(trace: Trace, service: str, gone: float) -> float:
    """Return when a service came back first, from then on; never is infinite."""
    switches = [each for each in trace.all(ServiceSwitched, service=service) if each.to not in WHILE_UP]
    return next((each.at for each in switches if each.at >= gone), math.inf)


def _answers(trace: Trace, role: str, since: float, until: float) -> list[Probed]:
    """Return what was said from outside in this time, before the stop: each another answer than the one before it.

    Not only to questions asked since then: an answer that changes because a service went away may be to an earlier
    one, and is recorded once.
    """
    stop = trace.first(StopRequested)
    last = min(until, stop.at if stop is not None else math.inf)
    return [each for each in trace.all(Probed, vantage="outside", role=role) if since <= each.at <= last]


def _state(trace: Trace, service: str) -> str:
    """Say how a service is while it is in trouble."""
    return f"{service} {'hangs' if trace.first(FaultPlanned, subject=service, fault='stalls') else 'is gone'}"


def _follows(trace: Trace, contract: Contract, service: str, gone: float, answers: list[Probed]) -> list[Finding]:
    """Find that readiness says ready although a service is gone that it takes."""
    if answers and not _ready(contract, answers[-1]):
        return []
    observed = f"it said {_words(answers)}" if answers else "it went on saying ready"
    expected = f"readiness says not ready while {_state(trace, service)}"
    look_at = "what readiness really asks"
    return [_finding(service, expected, observed, answers[-1].at if answers else gone, look_at)]


def _goes_on(trace: Trace, contract: Contract, service: str, _: float, answers: list[Probed]) -> list[Finding]:
    """Find that readiness follows a service without which the application works."""
    expected = f"readiness goes on saying ready while {_state(trace, service)}"
    other = [each for each in answers if not _ready(contract, each)]
    return [_finding(service, expected, f"it said {_words([each])}", each.at) for each in other[:1]]


def _comes_back(trace: Trace, contract: Contract, service: str, gone: float, answers: list[Probed]) -> list[Finding]:
    """Find that a service is back, and the application is not: by its own word, or when it uses it."""
    look_at = "whether the pool throws away dead connections, and opens new ones"
    if answers and not _ready(contract, answers[-1]):
        expected = f"readiness says ready again once {service} is back"
        return [_finding(service, expected, f"it said {_words(answers)}", answers[-1].at, look_at)]
    back = _back(trace, service, gone)
    canary = next((each for each in trace.all(CanaryAnswered, service=service) if each.at >= back), None)
    if canary is None or canary.works:
        return []
    expected = f"{service} can be used again once it is back"
    observed = f"readiness says ready, and the canary of {service} {canary.observed}"
    return [_finding(service, expected, observed, canary.at, look_at)]


def _ready(contract: Contract, answer: Probed) -> bool:
    """Whether an answer of readiness says ready; none does so where there is no readiness."""
    readiness = contract.health.readiness
    return not isinstance(readiness, NoProbe) and readiness.says_ready(answer.answer, answer.fields)


def _words(answers: list[Probed]) -> str:
    """Return what was said, with the fields that count, as often as it changed."""
    said = [f"{each.answer} {json.dumps(dict(each.fields))}" if each.fields else each.answer for each in answers]
    return ", then ".join(said)


def _flips(trace: Trace, contract: Contract, service: str, gone: float, until: float) -> list[Finding]:
    liveness = contract.health.liveness
    if isinstance(liveness, NoProbe):
        return []
    dead = [each for each in _answers(trace, "liveness", gone, until) if each.answer != str(liveness.status)]
    expected = f"liveness says {liveness.status} throughout: another process would not have {service} either"
    return [_finding(service, expected, f"it said {each.answer}", each.at) for each in dead[:1]]


# -- always


def _stop(trace: Trace, service: str) -> list[Finding]:
    """Find that the stop had to be forced while a service was in trouble."""
    killed = trace.first(Killed)
    if killed is None:
        return []
    expected = f"SIGTERM ends the process also while {service} is in trouble"
    look_at = "what the shutdown waits for"
    return [Finding(subject=service, expected=expected, observed=killed.reason, at=killed.at, look_at=look_at)]


def _finding(service: str, expected: str, observed: str, at: float | None, look_at: str = "") -> Finding:
    return Finding(subject=service, expected=expected, observed=observed, at=at, look_at=look_at)
