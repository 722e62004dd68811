"""Startup has not become slower than it was (I18)."""

from __future__ import annotations

from pytest_startup.baseline import Comparison, Sample, compared, grown
from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import AgentAttached
from pytest_startup.events.process import BootPaced
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

RECORD = "--startup-record-baseline"
SLOWER_PHASE = 0.01
"""Seconds by which a phase must have grown to be named."""


def keeps_up(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge whether startups are surely longer than those of the baseline by more than startup.max_slowdown."""
    baseline, samples = contract.recorded, samples_of(trace)
    if baseline is None:
        return NotCovered(f"there is no baseline to compare with; {RECORD} records one")
    if not baseline.samples:
        return NotCovered("a baseline is being recorded, with which later runs are compared")
    if not samples:
        return NotCovered("no further startup became ready")
    if (python := python_of(trace)) != baseline.python:
        now = f"Python {python}" if python else "a command"
        return NotCovered(
            f"the baseline is of Python {baseline.python or 'unknown'}, this of {now}; {RECORD} records it anew"
        )
    limit = contract.startup.max_slowdown
    found = compared(baseline, samples)
    surely = found.exceeds(1 + limit)
    if surely is None and found.ratio > 1 + limit:
        return NotCovered(f"too noisy to tell: {_said(found, samples)}")
    return [_finding(found, samples, contract)] if surely else []


def samples_of(trace: Trace) -> list[Sample]:
    """Return the startups which a boot has taken the time of."""
    return [Sample(each.seconds, each.cpu, each.reference, each.phases) for each in trace.all(BootPaced)]


def python_of(trace: Trace) -> str:
    """Return the Python of the application, as in "3.12"; empty where it is seen from outside alone."""
    attached = trace.first(AgentAttached)
    return "" if attached is None else ".".join(attached.python.split(".")[:2])


def _said(found: Comparison, samples: list[Sample]) -> str:
    bounds = f"between {found.low:.2f} and {found.high:.2f}, {len(samples)} startups"
    return f"{found.ratio:.2f} times as long as the baseline ({bounds})"


def _finding(found: Comparison, samples: list[Sample], contract: Contract) -> Finding:
    baseline = contract.recorded
    assert baseline is not None  # noqa: S101
    slower = [each for each in grown(baseline, samples) if each[2] - each[1] > SLOWER_PHASE]
    named = ", ".join(f"{name} ({before:.2f} -> {after:.2f} s)" for name, before, after in slower[:3])
    return Finding(
        subject="speed of startup",
        expected=f"at most {contract.startup.max_slowdown:.0%} longer than the baseline",
        observed=_said(found, samples),
        look_at=f"the phases which have grown: {named}" if named else "what is imported and done outside of all phases",
        on_purpose=f"record a new baseline: {RECORD}",
    )
