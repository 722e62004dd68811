"""A startup that fails stops there: no later phase, never ready, an end that names the phase (M2, M11, S6).

Both policies are legitimate (`startup.on_failure`): to exit with an error, or to stay up and never be ready. Liveness
is not judged: it says that the process answers, which is true until it ends.
"""

from __future__ import annotations

import re

from pytest_startup.contract.health import NoProbe
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import CallableSignal, LogSignal, Signal, StateSignal
from pytest_startup.events.edge import CanaryAnswered, Probed
from pytest_startup.events.inside import ComponentResolved, PhaseEntered
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, LogLine, NeverReady, Ready, StopRequested
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

_INJECTED = re.compile(r"injected fault: phase .* raises")
"""What the error says that we raise ourselves: that it names the phase is no merit of the application."""


def stops_at(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge what became of a boot in which the phase `subject` failed or hung."""
    planned = trace.first(FaultPlanned, subject=subject)
    felt = trace.first(FaultFelt, subject=subject)
    if planned is None:
        return NotCovered("no fault was planned for this phase")
    if felt is None:
        return NotCovered(f"the fault could not strike: {_why(trace, subject)}")
    if (why := _unjudgeable(contract, subject, planned.fault)) is not None:
        return why
    went_wrong = [*_goes_on(trace, contract, subject, felt.at), *_says_ready(trace, contract, subject, felt.at)]
    endless = _ends(trace, contract, subject, planned.fault, felt.at)
    if endless and not went_wrong and planned.fault == "hangs" and _blocks(contract, subject):
        return NotCovered("to hang at this signal stands the event loop still, which no limit within it can end")
    return [*went_wrong, *endless] or _untold(trace, contract, subject, felt.at)


def _unjudgeable(contract: Contract, phase: str, fault: str) -> NotCovered | None:
    """Return why a fault at this signal is like none that production knows.

    A line that is logged at the end of the last phase can be the last that the start does: by then it may be ready.
    """
    signal = contract.phase(phase).signal
    later = any(phase in before for before in contract.graph.values())
    if isinstance(signal, LogSignal) and signal.enter is None and fault == "raises" and not later:
        return NotCovered("it is known by its last line alone, and nothing comes after it: there its work is done")
    return None


def _blocks(contract: Contract, phase: str) -> bool:
    """Whether a fault can only strike in plain code, between two steps of the event loop."""
    return not isinstance(contract.phase(phase).signal, CallableSignal)


def is_noticed(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge a boot in which all that the phase `subject` provides was None once it had ended: it never gets ready.

    Unless what is missing need not be there (`optional`), or is back in its place.
    """
    if not contract.phase(subject).provides:
        return NotCovered("the contract does not say what this phase provides")
    if trace.first(FaultFelt, fault="half-done", subject=subject) is None:
        return NotCovered("nothing that it provides could be taken away")
    ready = trace.first(Ready)
    if ready is None:
        return []
    if _blocks(contract, subject) and not any(subject in before for before in contract.graph.values()):
        return NotCovered("it ends with the start itself: what is taken away then, nothing of the start can notice")
    provided = [contract.component(name) for name in contract.phase(subject).provides]
    needed = {each.name for each in provided if not each.optional}
    missing = [e.component for e in trace.all(ComponentResolved, present=False) if e.component in needed]
    broken = [event.service for event in trace.all(CanaryAnswered, works=False)]
    if not missing and not broken:
        return []
    what = [*(f"{name} is None" for name in missing), *(f"{name} cannot be used" for name in broken)]
    return [
        Finding(
            subject=subject,
            expected=f"never ready when all that phase {subject} provides is None once it has ended",
            observed=f"ready, although {', '.join(what)}",
            at=ready.at,
            look_at="what proves, before ready is said, that every part is there",
            on_purpose="components.NAME.optional = true for what the application can do without",
        )
    ]


def _why(trace: Trace, phase: str) -> str:
    if trace.first(PhaseEntered, phase=phase) is None:
        return "the phase never began"
    return "this phase's signal comes from where nothing can be made to fail (a print, a first touch)"


def _goes_on(trace: Trace, contract: Contract, phase: str, since: float) -> list[Finding]:
    """Find a phase which began although one that must come before it had failed."""
    later = [each.name for each in contract.phases if phase in contract.graph[each.name]]
    begun = [event for event in trace.all(PhaseEntered) if event.at > since and event.phase in later]
    look_at = f"who calls {phase}, and what is done with its error"
    expected = f"no later phase begins after {phase} has failed"
    return [
        Finding(subject=phase, expected=expected, observed=f"{event.phase} began", at=event.at, look_at=look_at)
        for event in begun[:1]
    ]


def _says_ready(trace: Trace, contract: Contract, phase: str, since: float) -> list[Finding]:
    """Find an answer of readiness that lets traffic in."""
    readiness = contract.health.readiness
    if isinstance(readiness, NoProbe):
        return []
    lies = [
        answer
        for answer in trace.all(Probed, role="readiness")
        if answer.began >= since and answer.at <= _until(trace) and readiness.says_ready(answer.answer, answer.fields)
    ]
    return [
        Finding(
            subject=phase,
            expected=f"readiness never says {answer.answer} after {phase} has failed",
            observed=f"{answer.path} answered {answer.answer}, asked from {answer.vantage}",
            at=answer.at,
            look_at="where the state of readiness is set",
        )
        for answer in lies[:1]
    ]


def _ends(trace: Trace, contract: Contract, phase: str, fault: str, since: float) -> list[Finding]:
    exited = _exited_by_itself(trace)
    if contract.startup.on_failure == "not-ready":
        if exited is None:
            return []
        on_purpose = 'startup.on_failure = "exit"'
        observed = f"it ended with code {exited.code}"
        return [_finding(phase, "the process stays up, not ready", observed, exited.at, on_purpose)]
    if exited is not None:
        if exited.code != 0:
            return []
        return [_finding(phase, f"an exit code that is not 0 after {phase} has failed", "exit code 0", exited.at)]
    what = f"{phase} that hangs is ended by a time limit of the startup" if fault == "hangs" else _ENDS.format(phase)
    on_purpose = 'startup.on_failure = "not-ready": stay up, and be replaced by whoever watches readiness'
    return [_finding(phase, what, f"the process went on{_waited(trace)}", since, on_purpose)]


def _waited(trace: Trace) -> str:
    """Return how long the end was waited for, and whether it came later."""
    never, exited = trace.first(NeverReady), trace.first(Exited, asked=False)
    if never is None:
        return ""
    return f" (waited {never.limit:g} s" + (f", ended after {exited.at:.1f} s)" if exited is not None else ")")


_ENDS = "{} that fails ends the process with an error"


def _exited_by_itself(trace: Trace) -> Exited | None:
    """Return the end that nobody asked for, unless it came when the boot timeout was over."""
    return None if trace.first(NeverReady) is not None else trace.first(Exited, asked=False)


def _untold(trace: Trace, contract: Contract, phase: str, since: float) -> list[Finding]:
    """Find that no line of the log names the phase, so that nobody would know at night.

    A phase that is known by a state, an attribute or a line may have no name of its own in the application: then the
    cause in the log is enough.
    """
    signal = contract.phase(phase).signal
    names = "|".join(map(_loosely, _names(phase, signal)))
    named = re.compile(rf"(?<!\w)({names})(?!\w)", re.IGNORECASE)
    nameless = not isinstance(signal, CallableSignal)
    lines = [line.text for line in trace.all(LogLine) if since <= line.at <= _until(trace)]
    if any(named.search(_INJECTED.sub("", text)) or (nameless and _INJECTED.search(text)) for text in lines):
        return []
    return [
        _finding(phase, f"a line of the log that names {phase}", f"no line after it had failed names {phase}", since)
    ]


def _names(phase: str, signal: Signal) -> list[str]:
    """Return how a log may call a phase: by its own name, its state's, or, as in a traceback, its callable's."""
    match signal:
        case CallableSignal(_, qualname):
            return [phase, qualname.rpartition(".")[2]]
        case StateSignal(_, str(value)) if value:
            return [phase, value]
    return [phase]


def _loosely(name: str) -> str:
    """Return a pattern for a name in which words may be parted in another way: chat_pipeline, chat pipeline."""
    return "[-_ ]".join(map(re.escape, re.split("[-_ ]", name)))


def _until(trace: Trace) -> float:
    """Return when the boot was over: what is said from then on, it says because it is stopped."""
    stop = trace.first(StopRequested)
    return stop.at if stop is not None else float("inf")


def _finding(phase: str, expected: str, observed: str, at: float, on_purpose: str = "") -> Finding:
    look_at = f"what is done with an error of {phase}, or with one that never ends"
    return Finding(subject=phase, expected=expected, observed=observed, at=at, look_at=look_at, on_purpose=on_purpose)
