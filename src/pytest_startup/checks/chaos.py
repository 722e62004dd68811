"""A startup during which services falter: it comes through, or it ends and says why; and the trouble was real (I15)."""

from __future__ import annotations

import re

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.edge import CanaryAnswered, TapClosed, Touched
from pytest_startup.events.inside import ComponentResolved
from pytest_startup.events.instances import ChaosPlanned, EpisodeStruck
from pytest_startup.events.process import Exited, FaultPlanned, LogLine, NeverReady, Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

FALTERS = "falters"
_CAUSE = re.compile(
    r"reset|refused|unavailable|time[d]?[ -]?out|closed|lost|broken|disconnect|no answer|not (answer|respond)",
    re.IGNORECASE,
)
"""How drivers and frameworks say that a service has failed them."""

_WRONG = re.compile(r"error|fail|exception|cannot|can't|could not", re.IGNORECASE)


def is_weathered(trace: Trace, contract: Contract, _: object) -> Verdict:
    """Judge a boot with a chaos as a whole: what became of it, and whether it is true."""
    if isinstance(contract.launch.app, Url):
        return NotCovered("an application that was up already is not started by us")
    planned = [each.subject for each in trace.all(FaultPlanned, fault=FALTERS)]
    if not planned:
        return NotCovered("no service says what must happen when it falters (services.NAME.outcome.falters)")
    struck = list(dict.fromkeys(each.service for each in trace.all(EpisodeStruck)))
    if not struck:
        return [_unmet(trace, planned)]
    return _lies(trace, contract) if trace.first(Ready) is not None else _fails(trace, contract, struck)


def _fails(trace: Trace, contract: Contract, struck: list[str]) -> list[Finding]:
    """Judge a boot which did not get ready, by what the services `struck` may do to it."""
    never, exited = trace.first(NeverReady), trace.first(Exited, asked=False)
    at = exited.at if exited is not None else never.at if never is not None else None
    words = {name: contract.service(name).outcome.falters for name in struck}
    strict = [name for name, word in words.items() if word == "tolerated"]
    if strict:
        expected = f"ready within {contract.launch.boot_timeout:g} s although services falter ({_and(strict)})"
        return [_finding(trace, expected, _met(trace, trace.why_unready()), at)]
    if exited is not None and never is None:
        return _ended(trace, contract, exited)
    if "not-ready" in words.values():
        return []
    return [_finding(trace, "it gets ready, or ends with an error", _met(trace, trace.why_unready()), at)]


def is_met(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the trouble of the service `subject` was real: its schedule has met the traffic."""
    if contract.service(subject).outcome.falters is None:
        return NotCovered(f"services.{subject}.outcome.falters is not declared")
    if trace.first(FaultPlanned, fault=FALTERS, subject=subject) is None:
        return NotCovered("no chaos was planned in this boot")
    if trace.first(Ready) is None and trace.first(EpisodeStruck, service=subject) is None:
        return NotCovered(f"the boot ended before anything of {subject} was asked")
    return [] if trace.first(EpisodeStruck, service=subject) is not None else _unused(trace, contract, subject)


def _unused(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Tell a service which the start does not need from one whose answers went past the schedule."""
    users = [phase.name for phase in contract.phases if subject in phase.needs]
    if trace.first(Touched, service=subject) is None and not users:
        return NotCovered(f"the application does not use {subject} while it starts")
    crossed = trace.first(TapClosed, service=subject)
    received = crossed.received if crossed is not None else 0
    because = f", since {_and(users)} needs it" if users else ""
    expected = f"an answer of {subject} during the start, so that it can falter{because}"
    observed = f"no episode of its schedule met any ({received} bytes came from it over the whole boot)"
    return [Finding(subject=subject, expected=expected, observed=observed, look_at=_again(trace))]


def _unmet(trace: Trace, planned: list[str]) -> Finding:
    expected = f"the trouble at {_and(planned)} meets the traffic of the start"
    observed = "not one answer crossed a tap while it started: this boot proves nothing"
    look_at = f"whether the application gets the addresses of the contract (launch.env); {_again(trace)}"
    return Finding(subject="chaos", expected=expected, observed=observed, look_at=look_at)


def _lies(trace: Trace, contract: Contract) -> list[Finding]:
    """Find what does not work, or is not there, in an application that says ready."""
    optional = {each.name for each in contract.components if each.optional}
    for canary in trace.all(CanaryAnswered, works=False):
        expected = f"ready means that {canary.service} can be used"
        observed = _met(trace, f"it is ready, and the canary of {canary.service} {canary.observed}")
        return [_finding(trace, expected, observed, canary.at)]
    for found in trace.all(ComponentResolved, present=False):
        if found.component not in optional:
            observed = _met(trace, f"it is ready, and {found.component} is missing or empty: {found.reason}")
            return [_finding(trace, "ready means that every component is whole", observed, found.at)]
    return []


def _ended(trace: Trace, contract: Contract, exited: Exited) -> list[Finding]:
    """Find an end that is no error, or one of which the log does not say why."""
    if exited.code == 0:
        return [_finding(trace, "an exit code that is not 0", _met(trace, "exit code 0"), exited.at)]
    first = trace.all(EpisodeStruck)[0].at
    names = [*(service.name for service in contract.services), *(phase.name for phase in contract.phases)]
    said = [line.text for line in trace.all(LogLine) if line.at >= first]
    named = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b", re.IGNORECASE)
    if any(_CAUSE.search(text) or (named.search(text) and _WRONG.search(text)) for text in said):
        return []
    expected = "a line of the log names the service, the phase, or what went wrong with a connection"
    return [_finding(trace, expected, _met(trace, "no line does"), exited.at)]


def _met(trace: Trace, observed: str) -> str:
    """Return what was observed, and what the application had met by then."""
    met = "; ".join(f"{each.service}: {each.episode}" for each in trace.all(EpisodeStruck))
    first = observed.partition("\n")[0]
    return f"{first} (it had met {met})"


def _again(trace: Trace) -> str:
    planned = trace.first(ChaosPlanned)
    return f"the same schedule again: --startup-chaos={planned.seed}" if planned is not None else ""


def _and(names: list[str]) -> str:
    return ", ".join(names)


def _finding(trace: Trace, expected: str, observed: str, at: float | None) -> Finding:
    look_at = f"which of its connections is not tried again; {_again(trace)}"
    on_purpose = "services.NAME.outcome.falters says what is right"
    return Finding(subject="chaos", expected=expected, observed=observed, at=at, look_at=look_at, on_purpose=on_purpose)
