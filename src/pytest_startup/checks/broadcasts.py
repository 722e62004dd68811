"""Broadcasts: to everybody who must get them, once, in one order, held up by nobody; and to nobody else (W22, W23)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.model import Contract
from pytest_startup.events.connected import BROADCAST, BroadcastPut, BroadcastsHeard, CompanyMissing
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

LATE_SECONDS = 0.05
"""How much later than it may come something may be seen from outside."""


def reaches(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that each socket of everybody who must get a broadcast gets it, once and in time (W22, W23)."""
    heard = _heard(trace, contract, name, "series")
    if isinstance(heard, NotCovered):
        return heard
    broadcast, puts = _named(contract, name), trace.all(BroadcastPut, broadcast=name, part="series")
    raised = [each for each in puts if each.raised]
    if raised:
        return [
            _finding(name, "the call puts it in", f"raised {raised[0].raised}", raised[0].at, "websocket.broadcasts")
        ]
    wanted = [each for each in heard if broadcast.reaches_users_of(each.journey)]
    return [finding for each in wanted for finding in _got(each, len(puts), broadcast)]


def _got(heard: BroadcastsHeard, count: int, broadcast: Broadcast) -> Iterator[Finding]:
    """Find what is wrong with what came to one socket; the first sort of it is enough."""
    times = Counter(heard.numbers)
    missing = [number for number in range(1, count + 1) if not times[number]]
    doubled = [number for number in times if times[number] > 1]
    late = [each for each in heard.seconds if each > broadcast.max_seconds + LATE_SECONDS]
    expected = f"each of {count} broadcasts comes to {heard.socket} once, within {broadcast.max_seconds:g} s"
    ended = f"; the socket was {heard.ended}" if heard.ended else ""
    if missing:
        look_at = "who is looked up to be sent to: every connection of every user"
        yield _finding(heard.broadcast, expected, f"{len(missing)} did not come{ended}", heard.at, look_at)
    elif doubled:
        observed = f"{len(doubled)} came more than once ({times[doubled[0]]} times)"
        yield _finding(heard.broadcast, expected, observed, heard.at, "whether two ways lead to one connection")
    elif late:
        observed = f"{len(late)} came late, after {max(late):.2f} s"
        yield _finding(heard.broadcast, expected, observed, heard.at, "what is waited for between two connections")


def spares(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that a broadcast comes to nobody else (W23)."""
    heard = _heard(trace, contract, name, "series")
    if isinstance(heard, NotCovered):
        return heard
    broadcast = _named(contract, name)
    others = [each for each in heard if not broadcast.reaches_users_of(each.journey)]
    if not others:
        return NotCovered(
            "it is for everybody who is connected (reaches, and further journeys, say for whom it is not)"
        )
    users = " and ".join(broadcast.reaches)
    return [
        _finding(
            name,
            f"it comes to users of {users} alone",
            f"{len(each.numbers)} came to {each.socket}",
            each.at,
            "how it is known to which sort a connection belongs, and who asks",
        )
        for each in others
        if each.numbers
    ]


def in_order(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that all sockets get the broadcasts in one order, each of which began after another had been sent (W22)."""
    heard = _heard(trace, contract, name, "series")
    if isinstance(heard, NotCovered):
        return heard
    if not all(each.returned for each in trace.all(BroadcastPut, broadcast=name, part="series")):
        return NotCovered("a call had not returned when the next one began, so that there is no order to keep")
    orders = {each.socket: _first_of_each(each.numbers) for each in heard if each.numbers}
    if max(map(len, orders.values()), default=0) <= 1:
        return NotCovered("no two broadcasts came to any socket")
    return [_disorder(name, each, orders[each.socket]) for each in heard if _mixed(orders.get(each.socket, ()))][:1]


def _disorder(name: str, heard: BroadcastsHeard, order: Sequence[int]) -> Finding:
    expected = f"they come to {heard.socket} in the order in which they were sent, as to everybody else"
    observed = f"in the order {', '.join(map(str, order))}"
    return _finding(name, expected, observed, heard.at, "what hands each of them to a task, or a thread, of its own")


def _first_of_each(numbers: Sequence[int]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(numbers))


def _mixed(order: Sequence[int]) -> bool:
    return list(order) != sorted(order)


def passes_stalled(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that somebody who does not read holds up nobody else (W22)."""
    heard = _heard(trace, contract, name, "stalled")
    if isinstance(heard, NotCovered):
        return heard
    broadcast = _named(contract, name)
    count = len(trace.all(BroadcastPut, broadcast=name, part="stalled"))
    reached = [each.socket for each in trace.all(BroadcastsHeard, broadcast=name, part="series") if each.numbers]
    wanted = [each for each in heard if broadcast.reaches_users_of(each.journey) and each.socket in reached]
    if not wanted:
        return NotCovered("it reached nobody before")
    held_up = [(each, number) for each in wanted for number in _held_up(each, count, broadcast)]
    if not held_up:
        return []
    worst, number = held_up[0]
    return [
        _finding(
            name,
            f"it comes to everybody else within {broadcast.max_seconds:g} s while one socket is not read",
            f"number {number} of long ones did not, at {len({each.socket for each, _ in held_up})} sockets",
            worst.at,
            "who waits for whom: a send to one connection must not keep the others waiting, nor anything behind it",
        )
    ]


def _held_up(heard: BroadcastsHeard, count: int, broadcast: Broadcast) -> list[int]:
    in_time = [
        number
        for number, seconds in zip(heard.numbers, heard.seconds, strict=True)
        if seconds <= broadcast.max_seconds + LATE_SECONDS
    ]
    return [number for number in range(1, count + 1) if number not in in_time]


# -- what they have in common


def _named(contract: Contract, name: str) -> Broadcast:
    assert contract.websocket is not None  # noqa: S101 - looked at before
    return next(each for each in contract.websocket.broadcasts if each.name == name)


def _heard(trace: Trace, contract: Contract, name: str, part: str) -> list[BroadcastsHeard] | NotCovered:
    """Return what came to each socket, or why it cannot be judged."""
    if contract.websocket is None or name not in [each.name for each in contract.websocket.broadcasts]:
        return NotCovered("the contract declares no such broadcast (websocket.broadcasts)")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    missing = trace.first(CompanyMissing, exercise=BROADCAST, name=name)
    if missing is not None:
        return NotCovered(missing.reason)
    return trace.all(BroadcastsHeard, broadcast=name, part=part) or NotCovered("there was no time left for it")


def _finding(name: str, expected: str, observed: str, at: float, look_at: str) -> Finding:
    return Finding(subject=name, expected=expected, observed=observed, at=at, look_at=look_at)
