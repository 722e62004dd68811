"""Whether the application starts at all, in its time, as itself, and says why when it does not."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.base import Event
from pytest_startup.events.edge import Answered
from pytest_startup.events.inside import (
    AgentAttached,
    ImportFailed,
    LifespanFailed,
    LookedUp,
    LoopBlocked,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    Reached,
    Snapshot,
)
from pytest_startup.events.process import Exited, LogLine, NeverReady, Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

OUTSIDE = NotCovered("the application was watched from outside: only a launch.target is seen from inside")


def becomes_ready(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that the boot ended ready, and that the process stayed until it was asked to stop (S7)."""
    ready, exited = trace.first(Ready), trace.first(Exited)
    if ready is not None and (exited is None or exited.asked):
        return []
    timeout, never = contract.launch.boot_timeout, trace.first(NeverReady)
    limit = f"{timeout:g} s"
    if never is not None and never.limit < timeout:
        limit = f"{never.limit:g} s (the budget leaves no more of launch.boot_timeout = {timeout:g})"
    expected = f"ready within {limit}, and up until it is asked to stop"
    cause = _cause(trace)
    observed, at = (cause[0], cause[1].at) if cause is not None else ("neither ready nor ended", None)
    return [Finding(subject="boot", expected=expected, observed=observed, at=at, look_at=_last_phase(trace))]


def _cause(trace: Trace) -> tuple[str, Event] | None:
    """Return the first event that explains why the boot did not end ready, in words."""
    if (imported := trace.first(ImportFailed)) is not None:
        return f"{_STAGES[imported.stage].format(imported.target)}: {imported.error}", imported
    if (phase := trace.first(PhaseFailed)) is not None:
        return f"phase {phase.phase} failed: {phase.error}", phase
    if (lifespan := trace.first(LifespanFailed)) is not None:
        return _lifespan(lifespan), lifespan
    if (never := trace.first(NeverReady)) is not None:
        return f"not ready after {never.limit:g} s: waiting for {never.waiting_for}\n{never.stacks}".rstrip(), never
    if (exited := trace.first(Exited)) is not None and not exited.asked:
        after = "after it had been ready" if trace.first(Ready) is not None else "before it was ready"
        return f"the process ended by itself with code {exited.code}, {after}", exited
    return None


_STAGES = {
    "server": "the server that runs {} cannot be imported (install uvicorn there, or say launch.command)",
    "import": "importing {} failed",
    "attribute": "the module of {} has no such attribute",
    "factory": "calling the factory {} failed",
}


def _lifespan(event: LifespanFailed) -> str:
    if event.told:
        return f"startup failed: {event.error}"
    if event.received:
        return f"startup raised: {event.error}"
    return f'the application does not speak the lifespan protocol: {event.error} (on purpose: launch.lifespan = "off")'


def _last_phase(trace: Trace) -> str:
    """Return where to look: the phase that was under way at the end."""
    left = {event.phase for event in trace.all(PhaseLeft)}
    under_way = [event.phase for event in trace.all(PhaseEntered) if event.phase not in left]
    return f"phase {under_way[-1]}, which was under way" if under_way else "the end of the application's log"


def tells_its_failures(trace: Trace, _: Contract, __: str) -> Verdict:
    """Judge that a failure reaches the exit code, and the log with its cause; nothing is swallowed (S6)."""
    failures = [event for event in trace.events if isinstance(event, PhaseFailed | LifespanFailed | ImportFailed)]
    if trace.first(Ready) is not None:
        return [_swallowed(event) for event in failures]
    exited = trace.first(Exited)
    if exited is None or exited.asked:
        return NotCovered("the boot did not end by itself")
    findings = []
    if exited.code == 0:
        findings.append(Finding(subject="exit code", expected="not 0 after a failed start", observed="0", at=exited.at))
    log = "\n".join(line.text for line in trace.all(LogLine))
    findings += [_untold(event) for event in failures[:1] if _words(event.error) not in log]
    return findings


def _swallowed(event: PhaseFailed | LifespanFailed | ImportFailed) -> Finding:
    subject = event.phase if isinstance(event, PhaseFailed) else "startup"
    return Finding(
        subject=subject,
        expected="an error ends the start",
        observed=f"{event.error}, and the application went on and became ready",
        at=event.at,
        look_at="the code that catches what this phase raises",
        on_purpose="catch the error inside the phase, where it is known to be harmless",
    )


def _untold(event: PhaseFailed | LifespanFailed | ImportFailed) -> Finding:
    observed = "no line of the log has it"
    return Finding(subject="log", expected=f"the cause in the log: {event.error}", observed=observed, at=event.at)


def _words(error: str) -> str:
    """Return what an exception says, without its type."""
    return error.split(": ", 1)[-1]


def ready_in_time(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge the time from spawn to ready against startup.max_seconds (M19)."""
    ready, limit = trace.first(Ready), contract.startup.max_seconds
    if ready is None:
        return NotCovered("the boot never became ready")
    if isinstance(contract.launch.app, Url):
        return NotCovered("the application was up already")
    if ready.at <= limit:
        return []
    observed = f"{ready.at:.2f} s"
    return [Finding(subject="time to ready", expected=f"at most {limit:g} s", observed=observed, at=ready.at)]


def loop_turns(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that no blocking call made the event loop stand still (S7)."""
    if trace.first(AgentAttached) is None:
        return OUTSIDE
    limit = contract.startup.max_block_seconds
    return [
        Finding(
            subject="event loop",
            expected=f"never still for more than {limit:g} s",
            observed=f"still for {event.seconds:.2f} s in\n{event.stack}".rstrip(),
            at=event.at,
            look_at="the last line of the stack: await it, or give it to a thread",
            on_purpose="raise startup.max_block_seconds",
        )
        for event in trace.all(LoopBlocked)
    ]


def stays_inside(trace: Trace, _: Contract, __: str) -> Verdict:
    """Judge that nothing was reached or looked up which the contract does not declare (S7)."""
    if trace.first(AgentAttached) is None:
        return OUTSIDE
    reached = [(event.at, f"connected to {event.address}", event.where) for event in trace.all(Reached)]
    looked_up = [(event.at, f"looked up {event.host}", event.where) for event in trace.all(LookedUp)]
    return [
        Finding(
            subject="network",
            expected="only the services that the contract declares",
            observed=what,
            at=at,
            look_at=where,
            on_purpose="declare it under [services], so that it is there in every boot",
        )
        for at, what, where in sorted(reached + looked_up)
    ]


def does_not_notice(trace: Trace, _: Contract, __: str) -> Verdict:
    """Judge that no test framework is loaded in the application, as none is in production (S7)."""
    found = trace.first(Snapshot)
    if found is None:
        return OUTSIDE if trace.first(AgentAttached) is None else NotCovered("the boot never became ready")
    return [
        Finding(
            subject=module,
            expected="no test framework in the application's process",
            observed=f"{module} is loaded; nothing of ours loads it",
            at=found.at,
            look_at=f"which module of the application imports {module}",
        )
        for module in found.test_tools
    ]


def answers_itself(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that the process which answers on the port is the one that was started (S7)."""
    answered = trace.first(Answered)
    if answered is None:
        up = isinstance(contract.launch.app, Url)
        return NotCovered("the application was up already" if up else "the boot never became ready")
    if answered.ours:
        return []
    if trace.first(Exited, asked=False) is not None:
        return NotCovered("the process had ended by itself before it was looked at")
    observed = "another process listens there"
    return [Finding(subject="port", expected="our own process behind it", observed=observed, at=answered.at)]
