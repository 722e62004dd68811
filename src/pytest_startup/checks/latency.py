"""Latency by percentiles: of turns of the chat that many take at once, and of single frames one by one (W18)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from pytest_startup.contract.latency import samples_for, share_of
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.connected import EXCHANGES, CompanyMissing, ExchangesTimed
from pytest_startup.events.process import Ready
from pytest_startup.events.used import FIRST_USERS, USERS, TurnTaken
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

LEAST = 5
"""Of fewer samples no percentile says anything."""


class _Limit(NamedTuple):
    """A limit by its name, of what it is, and where to look when it does not hold."""

    name: str
    seconds: float
    what: str
    look_at: str


def of_turns(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge one percentile of how long those wait for events who ask at the same moment (W18)."""
    limits = dict(contract.chat.latency.limits) if contract.chat is not None and contract.chat.latency else {}
    if name not in limits:
        return NotCovered("the contract does not say how long turns may take by percentiles (chat.latency)")
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, and for others as well")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    turns = [each for each in trace.all(TurnTaken) if each.exercise in (USERS, FIRST_USERS)]
    first = name.startswith("first_")
    waits = list(filter(None, map(_first, turns))) if first else [each.times[-1] for each in turns if not each.about]
    what = "first events" if first else "ends of turns"
    return _judged(_Limit(name, limits[name], what, "what all users wait for: a lock, a pool, the model"), waits)


def _first(turn: TurnTaken) -> float:
    """Return how long a user waited for the first event, or in vain; 0 for who could not ask."""
    return turn.times[0] if turn.times else turn.diverged if turn.questioned else 0.0


def of_frames(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge one percentile of how long answers to a quick frame take, one after the other (W18)."""
    socket = contract.websocket
    limits = dict(socket.latency.limits) if socket is not None and socket.latency is not None else {}
    if name not in limits:
        return NotCovered("the contract does not say how long answers may take (websocket.latency)")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    missing, timed = trace.first(CompanyMissing, exercise=EXCHANGES), trace.first(ExchangesTimed)
    if timed is None:
        return NotCovered(missing.reason if missing is not None else "there was no time left for it")
    if timed.problem:
        expected = f"each of {timed.wanted} frames, sent one after the other, is answered"
        observed = f"number {len(timed.seconds) + 1} was not: {timed.problem}"
        return [Finding(subject=name, expected=expected, observed=observed, at=timed.at, look_at="websocket.alive")]
    look_at = "what blocks the event loop, or is awaited on the way of such a frame"
    return _judged(_Limit(name, limits[name], "answers", look_at), timed.seconds)


def _judged(limit: _Limit, waits: Sequence[float]) -> Verdict:
    share = share_of(limit.name)
    needed = max(LEAST, samples_for(share))
    if len(waits) < needed:
        return NotCovered(f"only {len(waits)} {limit.what} were measured; {limit.name} needs {needed}")
    found = _percentile(waits, share)
    if found <= limit.seconds:
        return []
    usual = f"p50 {_percentile(waits, 50):.3f} s, the longest {max(waits):.3f} s"
    return [
        Finding(
            subject=limit.name,
            expected=f"{share} of 100 {limit.what} have come within {limit.seconds:g} s",
            observed=f"{limit.name} of {len(waits)} is {found:.3f} s ({usual})",
            look_at=limit.look_at,
        )
    ]


def _percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` percent of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share / 100 * len(ordered)) - 1)]
