"""Phases: each once, in the declared order, each in its time (M1), whatever is quick or slow (M20)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import LogSignal, TouchSignal
from pytest_startup.events.inside import AgentAttached, PhaseEntered, PhaseFailed, PhaseLeft, SignalMissing
from pytest_startup.events.process import FaultFelt, OrderShuffled, Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

NONE = NotCovered("the contract declares no phases")
BLUR = 0.1
"""Seconds that a line of the log, or a touch of a service, may take until it is seen."""

UNREADY = NotCovered("the boot never became ready")


def once(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that a phase was entered once and left once."""
    if (why := _unseen(trace, contract)) is not None:
        return why
    missing = trace.first(SignalMissing, phase=subject)
    entered, left = trace.all(PhaseEntered, phase=subject), trace.all(PhaseLeft, phase=subject)
    if missing is None and (len(entered), len(left)) == (1, 1):
        return []
    observed = missing.reason if missing is not None else f"entered {_times(len(entered))}, left {_times(len(left))}"
    at = entered[1].at if len(entered) > 1 else None
    look_at = f"the signal of this phase in the contract: {_signal(contract, subject)}" if not entered else ""
    return [Finding(subject=subject, expected="entered once, left once", observed=observed, at=at, look_at=look_at)]


def follows(trace: Trace, contract: Contract, subject: tuple[str, str]) -> Verdict:
    """Judge one pair (earlier, later): the earlier phase has ended before the later one begins."""
    if (why := _unseen(trace, contract)) is not None:
        return why
    earlier, later = subject
    left, entered = trace.first(PhaseLeft, phase=earlier), trace.first(PhaseEntered, phase=later)
    if left is None or entered is None:
        return NotCovered(f"{earlier if left is None else later} did not happen")
    if left.at <= entered.at:
        return []
    if _is_blurred(contract, earlier, later, left.at - entered.at):
        return NotCovered("they came so soon after one another that from here it could not be seen which was first")
    observed = f"{later} began {(left.at - entered.at) * 1000:.1f} ms before {earlier} had ended"
    expected = f"{earlier} has ended before {later} begins"
    on_purpose = 'startup.order = "partial", and only what must be under `after`'
    return [Finding(subject=later, expected=expected, observed=observed, at=entered.at, on_purpose=on_purpose)]


def keep_order(trace: Trace, contract: Contract, subject: str | int) -> Verdict:
    """Judge that the phases came in their order in a boot which was made hard for it (M20).

    `subject` says how: the service that answered slowly, or the seed by which the event loop chose what runs first.
    """
    if not contract.phases:
        return NONE
    if isinstance(subject, int) and trace.first(OrderShuffled, seed=subject) is None:
        return NotCovered("the order of its event loop can only be shuffled from inside")
    if isinstance(subject, str) and trace.first(FaultFelt, subject=subject) is None:
        return NotCovered(f"{subject} was not used while starting")
    if isinstance(subject, str) and trace.first(Ready) is None:
        return UNREADY  # whether it may be, is said by the outcome that the contract declares
    wrong = _overtaking(trace, contract) or _unready(trace) or _repeated(trace, contract)
    if wrong is None:
        return []
    again = f"--startup-seeds={subject}" if isinstance(subject, int) else f"{subject} slow"
    observed = f"{wrong[0]} with {again}"
    look_at = "what runs at the same time here, and what only happens to come first"
    expected = "the same order of phases in every boot"
    return [Finding(subject=wrong[1], expected=expected, observed=observed, at=wrong[2], look_at=look_at)]


def _is_blurred(contract: Contract, earlier: str, later: str, seconds: float) -> bool:
    """Whether a line of the log or a first touch, which we see a little later than they are, may explain the order."""
    signals = [contract.phase(name).signal for name in (earlier, later)]
    return seconds < BLUR and any(isinstance(signal, LogSignal | TouchSignal) for signal in signals)


def _overtaking(trace: Trace, contract: Contract) -> tuple[str, str, float] | None:
    """Return what began before something that has to come before it had ended: words, phase, moment."""
    for later, before in contract.graph.items():
        entered = trace.first(PhaseEntered, phase=later)
        for earlier in sorted(before):
            left = trace.first(PhaseLeft, phase=earlier)
            if entered is None or (left is not None and left.at <= entered.at):
                continue
            if left is None or not _is_blurred(contract, earlier, later, left.at - entered.at):
                return f"{later} began before {earlier} had ended", later, entered.at
    return None


def _unready(trace: Trace) -> tuple[str, str, float] | None:
    """Return why the boot did not become ready: words, phase, moment."""
    why, failed = trace.why_unready(), trace.first(PhaseFailed)
    if not why:
        return None
    return why, failed.phase if failed is not None else "boot", failed.at if failed is not None else trace.events[-1].at


def _repeated(trace: Trace, contract: Contract) -> tuple[str, str, float] | None:
    """Return a phase that did not happen exactly once."""
    for phase in contract.phases:
        times = len(trace.all(PhaseLeft, phase=phase.name))
        if times != 1:
            last = trace.last(PhaseLeft, phase=phase.name)
            return f"{phase.name} ended {_times(times)}", phase.name, last.at if last is not None else 0.0
    return None


def in_time(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge the duration of a phase against its max_seconds."""
    if (why := _unseen(trace, contract)) is not None:
        return why
    limit = contract.phase(subject).max_seconds
    entered, left = trace.first(PhaseEntered, phase=subject), trace.first(PhaseLeft, phase=subject)
    if limit is None:
        return NotCovered("the contract sets no max_seconds for it")
    if entered is None or left is None:
        return NotCovered("it did not happen")
    if left.at == entered.at:
        return NotCovered("its signal is a moment, not a span of time")
    seconds = left.at - entered.at
    if seconds <= limit:
        return []
    return [Finding(subject=subject, expected=f"at most {limit:g} s", observed=f"{seconds:.2f} s", at=left.at)]


def _unseen(trace: Trace, contract: Contract) -> NotCovered | None:
    if not contract.phases:
        return NONE
    if trace.first(Ready) is None:
        return UNREADY
    if trace.first(AgentAttached) is None and not trace.all(PhaseEntered):
        return NotCovered("the application was watched from outside, where these phases cannot be seen")
    return None


def _signal(contract: Contract, name: str) -> str:
    return str(contract.phase(name).signal)


def _times(count: int) -> str:
    return {0: "never", 1: "once", 2: "twice"}.get(count, f"{count} times")
