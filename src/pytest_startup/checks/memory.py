"""Memory: what each phase adds to it, and what there is once the application is ready (M17)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import AgentAttached, MemoryMeasured, PhaseEntered, PhaseLeft, Snapshot
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

MIB = 1 << 20


def of_phase(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge by how much the resident memory grew in a phase against its max_mib."""
    limit = contract.phase(subject).max_mib
    if limit is None:
        return NotCovered("the contract sets no max_mib for it")
    entered, left = trace.first(PhaseEntered, phase=subject), trace.first(PhaseLeft, phase=subject)
    if entered is None or left is None or entered.at == left.at:
        return NotCovered("it did not happen" if left is None else "its signal is a moment, not a span of time")
    before = trace.first(MemoryMeasured, phase=subject, when="entered")
    after = trace.first(MemoryMeasured, phase=subject, when="left")
    if before is None or after is None or not before.bytes or not after.bytes:
        return NotCovered("its memory could not be measured here")
    growth = (after.bytes - before.bytes) / MIB
    if growth <= limit:
        return []
    if others := _meanwhile(trace, subject, entered.at, left.at):
        return NotCovered(f"memory grew by {growth:.1f} MiB, but {', '.join(others)} ran meanwhile")
    return [
        Finding(
            subject=subject,
            expected=f"at most {limit:g} MiB more of resident memory after it than before",
            observed=f"{growth:.1f} MiB more ({_mib(before.bytes)} before, {_mib(after.bytes)} after)",
            at=left.at,
            look_at=f"what {subject} loads, imports and keeps",
            on_purpose=f"raise max_mib of the phase {subject}",
        )
    ]


def _meanwhile(trace: Trace, phase: str, since: float, until: float) -> list[str]:
    """Return the other phases of which a part lies within a span of time."""
    names = dict.fromkeys(event.phase for event in trace.all(PhaseEntered) if event.phase != phase)
    return [name for name in names if _overlaps(trace, name, since, until)]


def _overlaps(trace: Trace, phase: str, since: float, until: float) -> bool:
    began, ended = trace.first(PhaseEntered, phase=phase), trace.last(PhaseLeft, phase=phase)
    return began is not None and began.at < until and (ended is None or ended.at > since)


def when_ready(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge the resident memory of a ready application against startup.max_mib."""
    limit, held = contract.startup.max_mib, trace.first(Snapshot, when="ready")
    if limit is None:
        return NotCovered("the contract sets no startup.max_mib")
    if trace.first(AgentAttached) is None:
        return NotCovered("the application was watched from outside, where its memory is not measured")
    if trace.first(Ready) is None or held is None:
        return NotCovered("the boot never became ready")
    if not held.memory:
        return NotCovered("this platform does not tell how much memory a process has")
    if held.memory <= limit * MIB:
        return []
    return [
        Finding(
            subject="memory when ready",
            expected=f"at most {limit:g} MiB of resident memory",
            observed=_mib(held.memory),
            at=held.at,
            look_at="which phase added most: the memory before and after each is in the trace",
            on_purpose="raise startup.max_mib",
        )
    ]


def _mib(size: int) -> str:
    return f"{size / MIB:.1f} MiB"
