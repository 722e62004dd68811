"""Heartbeats: each connection has them at their pace, a dead peer is found, nobody else suffers (W2, C14, W25)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pytest_startup.contract.heartbeat import Heartbeat
from pytest_startup.contract.model import Contract
from pytest_startup.events.connected import (
    ANSWERING,
    DEAD,
    HEARTBEAT,
    LATER,
    OTHER,
    CompanyMissing,
    HeartbeatsHeard,
    PeersCounted,
    SentBesideDead,
)
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

TIMES = 2.0
"""Two heartbeats may be so many times as far apart as is usual, and come so many times as often ..."""

NOISE_SECONDS = 1.0
"""... and this much later, on a machine with other things to do."""

LATE_SECONDS = 0.5
"""How much later than it may be an end may be noticed from outside."""

_ON_PURPOSE = "say in websocket.heartbeat what holds"


def paced(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that who answers, and who comes later, has heartbeats at the pace that is declared (W2, C14)."""
    beat = _declared(trace, contract)
    if isinstance(beat, NotCovered):
        return beat
    return [finding for each in _living(trace) for finding in _pace(each, beat)]


def _pace(heard: HeartbeatsHeard, beat: Heartbeat) -> Iterator[Finding]:
    until = heard.at if heard.ended < 0 else heard.ended
    longest, since = max((later - earlier, earlier) for earlier, later in pairwise([heard.since, *heard.times, until]))
    usual = (until - heard.since) / beat.every
    expected = f"a heartbeat every {beat.every:g} s, for {heard.who}"
    count = f"{len(heard.times)} in {until - heard.since:.1f} s"
    if longest > TIMES * beat.every + NOISE_SECONDS or len(heard.times) < usual / TIMES - 1:
        look_at = "the task which sends them: whether it ends with a connection, or knows the first one alone"
        yield _finding(expected, f"none for {longest:.1f} s; {count}", since, look_at)
    elif len(heard.times) > TIMES * (usual + 1):
        yield _finding(expected, count, heard.since, "whether each connection begins a task for all of them")


def keeps_living(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that nobody is thrown out who answers heartbeats, though they say nothing else (W2, C14)."""
    beat = _declared(trace, contract)
    if isinstance(beat, NotCovered):
        return beat
    return [
        _finding(
            f"the connection of {each.who} stays open, as heartbeats are answered",
            f"it was {each.how} after {each.ended - each.since:.1f} s",
            each.ended,
            "what counts as a sign of life: the answer to a heartbeat is one",
        )
        for each in _living(trace)
        if each.ended >= 0
    ]


def finds_dead(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that a connection on which nobody answers is closed in its time, and counted no more (W25)."""
    beat = _declared(trace, contract)
    if isinstance(beat, NotCovered):
        return beat
    heard = trace.first(HeartbeatsHeard, who=DEAD)
    if heard is None:
        return NotCovered("nobody was dead in this boot")
    return [*_end(heard, beat), *(_counts(trace) if heard.ended >= 0 else ())]


def _end(heard: HeartbeatsHeard, beat: Heartbeat) -> Iterator[Finding]:
    expected = f"closed within {beat.dead_within:g} s, as nobody answers on it"
    look_at = "what remembers when something last came from a connection, and who looks at that"
    if heard.ended < 0:
        yield _finding(expected, f"still open after {heard.at - heard.since:.1f} s", heard.at, look_at)
        return
    took = heard.ended - heard.since
    if took > beat.dead_within + LATE_SECONDS:
        yield _finding(expected, f"{heard.how} after {took:.1f} s", heard.ended, look_at)
    good = [f"closed {code}" for code in beat.closes]
    if good and heard.how not in good:
        yield _finding(f"{' or '.join(good)}, as nobody answers on it", heard.how, heard.ended, "how it is ended")


def _counts(trace: Trace) -> Iterator[Finding]:
    before, after = trace.first(PeersCounted, when="before"), trace.first(PeersCounted, when="after")
    if before is None or after is None:
        return
    problem = before.problem or after.problem
    expected = f"{before.place} gives one connection less once the dead one is closed"
    if problem:
        yield _finding(expected, problem, after.at, "websocket.connections")
    elif after.count >= before.count:
        observed = (
            f"{after.count}, as before" if after.count == before.count else f"{after.count}, after {before.count}"
        )
        yield _finding(expected, observed, after.at, "who forgets a connection that is closed from this side")


def unharmed(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that what is sent to its user reaches their living connection at once, and once (W25)."""
    beat = _declared(trace, contract)
    if isinstance(beat, NotCovered):
        return beat
    sent = trace.all(SentBesideDead)
    if not sent:
        return NotCovered(
            "no delivery puts anything in for users who make the journey of the socket, as their recipient"
        )
    return [_unharmed(each) for each in sent if each.problem or each.arrived != 1 or each.seconds > each.limit]


def _unharmed(sent: SentBesideDead) -> Finding:
    came = f"{sent.arrived} times, first after {sent.seconds:.1f} s" if sent.arrived else "not at all"
    state = "open" if sent.when == "before" else "closed"
    return _finding(
        f"what {sent.delivery} sends comes to the living connection within {sent.limit:g} s, once",
        f"raised {sent.problem}" if sent.problem else f"{came}, while the dead one of the same user was {state}",
        sent.at,
        "what sends to all connections of a user: one that is dead must not hold up the others",
    )


# -- what they have in common


def _living(trace: Trace) -> list[HeartbeatsHeard]:
    return [each for each in trace.all(HeartbeatsHeard) if each.who in (ANSWERING, OTHER, LATER)]


def _declared(trace: Trace, contract: Contract) -> Heartbeat | NotCovered:
    """Return what the contract says of heartbeats, or why it cannot be judged."""
    beat = contract.websocket.heartbeat if contract.websocket is not None else None
    if beat is None:
        return NotCovered("the contract says nothing of heartbeats (websocket.heartbeat)")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    missing = trace.first(CompanyMissing, exercise=HEARTBEAT)
    if missing is not None:
        return NotCovered(missing.reason)
    if trace.first(HeartbeatsHeard) is None:
        return NotCovered("nobody listened for heartbeats in this boot")
    return beat


def _finding(expected: str, observed: str, at: float, look_at: str) -> Finding:
    return Finding(
        subject="heartbeat", expected=expected, observed=observed, at=at, look_at=look_at, on_purpose=_ON_PURPOSE
    )
