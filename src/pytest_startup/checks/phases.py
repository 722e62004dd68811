"""Phases: each once, in the declared order, each in its time (M1)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import AgentAttached, PhaseEntered, PhaseLeft, Ready, SignalMissing, Trace

NONE = NotCovered("the contract declares no phases")
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
    observed = f"{later} began {(left.at - entered.at) * 1000:.1f} ms before {earlier} had ended"
    expected = f"{earlier} has ended before {later} begins"
    on_purpose = 'startup.order = "partial", and only what must be under `after`'
    return [Finding(subject=later, expected=expected, observed=observed, at=entered.at, on_purpose=on_purpose)]


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
