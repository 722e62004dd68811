"""Pools of connections: their size once ready, and that they hand out as many as they promise (M16)."""

from __future__ import annotations

from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import PoolUsed, TapState
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

UNREADY = NotCovered("the boot never became ready")


def has_its_size(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge how many connections to the service `subject` are open once the application is ready."""
    pool = contract.service(subject).pool
    if pool is None:
        return NotCovered(f"the contract declares no pool for it (services.{subject}.pool)")
    if trace.first(Ready) is None:
        return UNREADY
    found = trace.first(TapState, service=subject)
    if found is None:
        return NotCovered("its connections cannot be counted: there is no tap in front of it")
    most = pool.most
    if found.open >= pool.size and (most is None or found.open <= most):
        return []
    expected = f"{pool.size} connections to {subject} are open once ready" + (f", {most} at most" if most else "")
    look_at = f"who fills the pool of {subject} before the first request needs it" if found.open < pool.size else ""
    return [Finding(subject=subject, expected=expected, observed=str(found.open), at=found.at, look_at=look_at)]


def hands_out(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that as many uses at once as the pool promises all succeed, with no more connections than it may have."""
    pool = contract.service(subject).pool
    if pool is None:
        return NotCovered(f"the contract declares no pool for it (services.{subject}.pool)")
    if trace.first(Ready) is None:
        return UNREADY
    used = trace.first(PoolUsed, service=subject)
    if used is None:
        return NotCovered("it was not used: that takes a canary, and a look from inside")
    if used.worked < used.asked:
        expected = f"{used.asked} uses of {subject} at once all succeed"
        observed = f"{used.worked} of them did; one that did not {used.observed}"
        look_at = "whether every user of a connection gives it back"
        return [Finding(subject=subject, expected=expected, observed=observed, at=used.at, look_at=look_at)]
    if pool.most is not None and used.open > pool.most:
        expected = f"at most {pool.most} connections to {subject}"
        observed = f"{used.open} with {used.asked} uses at once"
        return [Finding(subject=subject, expected=expected, observed=observed, at=used.at)]
    return []
