"""Components come to be in their phase, in their time, and in their order (F1, F4, M3, M5).

Where the write of a component's place could not be seen as such, it came between two looks: then only what holds for
both of them is judged.
"""

from __future__ import annotations

import math

from pytest_startup.contract.model import Contract, Phase
from pytest_startup.contract.places import Call
from pytest_startup.contract.values import Url
from pytest_startup.events.inside import (
    AgentAttached,
    ComponentAttached,
    ComponentResolved,
    LifespanComplete,
    PhaseEntered,
    PhaseLeft,
)
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def is_provided(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that a component is there before anything comes after the phase that provides it."""
    provider = contract.provider(subject)
    if provider is None:
        return NotCovered("no phase says that it provides it")
    expected = f"it is there when {provider.name}, which provides it, is over"
    look_at = f"what {provider.name} begins and does not wait for"
    found, left = _attached(trace, contract, subject), trace.first(PhaseLeft, phase=provider.name)
    if isinstance(found, NotCovered):
        never = trace.first(ComponentResolved, component=subject, present=False)
        if never is None or contract.component(subject).optional:
            return found
        return [_finding(subject, expected, f"never: {never.reason}", never.at, look_at)]
    if left is None:
        return NotCovered(f"{provider.name}, which provides it, did not happen")
    next_one, until = _next(trace, contract, provider, left.at)
    if found.began <= until:
        return []
    observed = f"it came {_ms(found.began - left.at)} after {provider.name} was left, and after {next_one}"
    return [_finding(subject, expected, observed, found.at, look_at)]


def _next(trace: Trace, contract: Contract, provider: Phase, left: float) -> tuple[str, float]:
    """Return what comes after a phase, in words, and when. Until then, what it returns may still be put in place."""
    later = [each.name for each in contract.phases if provider.name in contract.graph[each.name]]
    for event in trace.all(PhaseEntered):
        if event.phase in later and event.at >= left:
            return f"{event.phase} began", event.at
    complete, ready = trace.first(LifespanComplete), trace.first(Ready)
    if complete is not None and complete.at >= left:
        return "the startup was complete", complete.at
    return "the application was ready", ready.at if ready is not None else math.inf


def in_time(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge the time from the beginning of the phase that provides a component until it is there (`within`)."""
    limit, provider = contract.component(subject).within, contract.provider(subject)
    if limit is None or provider is None:
        return NotCovered("the contract does not say within what time it must be there")
    found = _attached(trace, contract, subject)
    if isinstance(found, NotCovered):
        return found
    entered = trace.first(PhaseEntered, phase=provider.name)
    if entered is None or found.at < entered.at:
        return NotCovered(f"{provider.name}, which provides it, did not happen before it was there")
    least, most = found.began - entered.at, found.at - entered.at
    if least <= limit < most:
        return NotCovered(f"it could only be seen that it came between {_ms(least)} and {_ms(most)}")
    expected = f"there within {_ms(limit)} of the beginning of {provider.name}"
    look_at = f"what {provider.name} does before it"
    return [] if most <= limit else [_finding(subject, expected, f"it took {_ms(least)}", found.at, look_at)]


def follows(trace: Trace, contract: Contract, subject: tuple[str, str]) -> Verdict:
    """Judge one pair (earlier, later): the earlier component is there before the later one is."""
    earlier, later = (_attached(trace, contract, name) for name in subject)
    if isinstance(earlier, NotCovered):
        return earlier
    if isinstance(later, NotCovered):
        return later
    if earlier.at <= later.began:
        return []
    if earlier.began < later.at:
        return NotCovered("they came so soon after one another that it could not be seen which was first")
    first, second = subject
    return [
        Finding(
            subject=second,
            expected=f"{first} is there before {second} is",
            observed=f"{second} was there {_ms(earlier.began - later.at)} before {first}",
            at=later.at,
            look_at="the order in which the startup puts them in their places",
            on_purpose=f'remove "{first}" from `after` of the component {second}',
        )
    ]


def _attached(trace: Trace, contract: Contract, name: str) -> ComponentAttached | NotCovered:
    """Return when a component came to be, or why that cannot be known."""
    if isinstance(contract.launch.app, Url) or trace.first(AgentAttached) is None:
        return NotCovered("the application was watched from outside, where components cannot be seen")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    found = trace.first(ComponentAttached, component=name)
    if found is not None:
        return found
    if any(isinstance(step, Call) for step in contract.component(name).place.steps):
        return NotCovered(f"{name} is made by a call, so that it has no moment of its own")
    return NotCovered(f"{name} was never there")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _finding(subject: str, expected: str, observed: str, at: float, look_at: str) -> Finding:
    return Finding(subject=subject, expected=expected, observed=observed, at=at, look_at=look_at)
