"""Starting more than once (I1, M9, M12, M17).

Twice at the same time; again after a failure; again on the data of the start before; several times in one process.
"""

from __future__ import annotations

from itertools import pairwise

from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import TapState
from pytest_startup.events.inside import AgentAttached, PhaseEntered, PhaseRepeated
from pytest_startup.events.process import BootedAgain, FaultFelt, LifespanEnded, LifespanRepeated
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

MIB = 1 << 20
FEWEST = 2
"""Lifespans that can be compared."""

SETTLED = 2
"""From this lifespan of a process on, what could be filled once has been: what still grows goes on growing."""


def starts_once(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge a boot in which a second lifespan began while the first was under way: everything is done once (M9)."""
    if contract.startup.once is None:
        return NotCovered("the contract does not say whether a start that begins twice happens once (startup.once)")
    if trace.first(FaultFelt, fault="twice") is None:
        return NotCovered("the lifespan did not begin twice: it is not seen from inside, or never began")
    if contract.startup.once is False:
        return NotCovered("startup.once is false: a start must not begin twice here")
    expected = "a start that begins twice at once happens once"
    repeated = trace.first(LifespanRepeated)
    if why := trace.why_unready():
        return [_finding("startup", expected, f"the application did not become ready: {why}")]
    if repeated is None or repeated.error:
        how = "never came up, nor failed" if repeated is None else f"failed: {repeated.error}"
        at = repeated.at if repeated is not None else None
        return [_finding("startup", expected, f"the second of two lifespans {how}", at)]
    return _ran_again(trace, contract, expected) or _doubled(trace, contract, expected)


def _ran_again(trace: Trace, contract: Contract, expected: str) -> list[Finding]:
    """Find phases which ran more than once."""
    again = [phase.name for phase in contract.phases if len(trace.all(PhaseEntered, phase=phase.name)) > 1]
    if not again:
        return []
    second = trace.all(PhaseEntered, phase=again[0])[1]
    return [_finding(again[0], expected, f"{', '.join(again)} ran more than once", second.at)]


def phase_runs_once(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge a boot in which the phase `subject` was called twice at the same time: its work is done once (M9)."""
    if contract.phase(subject).once is not True:
        return NotCovered(f"the contract does not say that {subject} may be called twice at once (once = true)")
    if trace.first(FaultFelt, fault="twice", subject=subject) is None:
        return NotCovered("its signal is not a callable, so it cannot be called twice")
    expected = f"two calls of {subject} at the same time do its work once"
    repeated = trace.first(PhaseRepeated, phase=subject)
    if repeated is not None and repeated.error:
        return [_finding(subject, expected, f"the second call failed: {repeated.error}", repeated.at)]
    if why := trace.why_unready():
        return [_finding(subject, expected, f"the application did not become ready: {why}")]
    return _doubled(trace, contract, expected)


def _doubled(trace: Trace, contract: Contract, expected: str) -> list[Finding]:
    """Find a service to which there are more connections than its pool may have."""
    for service in contract.services:
        found, most = (
            trace.first(TapState, service=service.name),
            service.pool.most if service.pool is not None else None,
        )
        if most is not None and found is not None and found.open > most:
            observed = f"{found.open} connections to {service.name}, whose pool has at most {most}"
            return [_finding(service.name, expected, observed, found.at)]
    return []


def recovers(trace: Trace, _: Contract, subject: str) -> Verdict:
    """Judge that after a boot in which the phase `subject` failed, the next one on the same services is ready (M12)."""
    if trace.first(FaultFelt, subject=subject) is None:
        return NotCovered("the fault could not strike, so there was no failed boot")
    after = trace.first(BootedAgain)
    if after is None:
        return NotCovered("it was not booted again")
    if after.ready:
        return []
    return [
        Finding(
            subject=subject,
            expected=f"after a boot in which phase {subject} failed, the next one on the same services becomes ready",
            observed="\n".join([after.observed or "it did not become ready", *after.log]),
            at=after.at,
            look_at=f"what a boot that ends in {subject} leaves in the services: a lock, a half-made schema, a key",
        )
    ]


def restarts(trace: Trace, _: Contract, __: str) -> Verdict:
    """Judge that after a good start and a stop, the next start on the same services is as good (I1)."""
    after = trace.first(BootedAgain)
    if after is None:
        return NotCovered("it was not booted again")
    if why := trace.why_unready():
        return NotCovered(f"there was no good start before it: {why}")
    if after.ready:
        return []
    return [
        Finding(
            subject="restart",
            expected="after a start which became ready and was stopped, the next one on the same data does so too",
            observed="\n".join([after.observed or "it did not become ready", *after.log]),
            at=after.at,
            look_at="what a start finds of the one before it: tables, rows, keys",
        )
    ]


def does_not_pile_up(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that nothing grows from one lifespan of a process to the next: memory, descriptors ... (M17)."""
    startup = contract.startup
    if startup.repeatable is not True:
        return NotCovered("the contract does not say that one process can start several times (startup.repeatable)")
    ended = trace.all(LifespanEnded)
    if not ended:
        seen = trace.first(AgentAttached) is not None
        return NotCovered(
            "it did not complete a first lifespan" if seen else "the application was watched from outside"
        )
    broken = next((each for each in ended if each.error), None)
    if broken is not None:
        expected = "one process can start and shut down several times"
        return [_finding("startup", expected, f"lifespan {broken.number} failed: {broken.error}", broken.at)]
    if why := trace.why_unready():
        expected = "one process can start and shut down several times"
        return [_finding("startup", expected, f"after {len(ended)} lifespans: {why}", ended[-1].at)]
    settled = [each for each in ended if each.number >= SETTLED]
    if len(settled) < FEWEST:
        return NotCovered(f"only {len(ended)} lifespans have ended, too few to compare")
    return [*_more_things(settled), *_more_memory(settled, startup.max_growth_mib)]


def _more_things(ended: list[LifespanEnded]) -> list[Finding]:
    """Find what there is more of after each further lifespan."""
    findings = []
    for what in ("descriptors", "threads", "tasks"):
        counts = [getattr(each, what) for each in ended]
        if len(counts) > 1 and all(later > earlier for earlier, later in pairwise(counts)):
            expected = f"as many {what} after each lifespan of the process"
            findings.append(_finding(what, expected, f"{', then '.join(map(str, counts))}", ended[-1].at))
    return findings


def _more_memory(ended: list[LifespanEnded], limit: float) -> list[Finding]:
    """Find memory that grows by more than the limit with every lifespan: a cache is filled once, a leak each time."""
    growth = [(later.memory - earlier.memory) / MIB for earlier, later in pairwise(ended)]
    if not growth or min(growth) <= limit:
        return []
    observed = f"{', then '.join(f'{each:.1f} MiB' for each in growth)} more with each"
    expected = f"at most {limit:g} MiB more memory with each lifespan of the process"
    return [_finding("memory", expected, observed, ended[-1].at)]


def _finding(subject: str, expected: str, observed: str, at: float | None = None) -> Finding:
    look_at = "what is opened or kept by a start, and whether a second start finds it, or the shutdown lets it go"
    return Finding(subject=subject, expected=expected, observed=observed, at=at, look_at=look_at)
