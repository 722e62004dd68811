"""The connections of users: kept and counted at once, limited, given up in the end, and each user's own (W1, W3-W5)."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_startup.checks.visits import unclean, untried
from pytest_startup.contract.connections import Limit
from pytest_startup.contract.model import Contract
from pytest_startup.contract.websocket import WebSocket
from pytest_startup.events.sockets import (
    ConnectionsCounted,
    ConnectionsLimited,
    ManagersCompared,
    SocketEnded,
    SocketsRested,
)
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

KEPT = "kept"
NAMED = 3
"""How many of several like findings are told."""


def gathering(trace: Trace, _: Contract, subject: str) -> Verdict:
    """Judge that all sockets serve their users, and nobody else, while many come and go; `subject` is the path."""
    rested = trace.all(SocketsRested)
    if not rested:
        return NotCovered(untried(trace, "gathering"))
    if not any(each.opened or each.lost for each in rested):
        return NotCovered("no socket was opened")
    return [finding for each in rested for finding in (*_lost(each, subject), *_strayed(each, subject))]


def _lost(rested: SocketsRested, subject: str) -> Iterator[Finding]:
    if rested.lost:
        yield Finding(
            subject=subject,
            expected=f"each of {rested.opened} sockets serves its user, once {rested.moment} (round {rested.round})",
            observed=f"{len(rested.lost)} do not: {_some(rested.lost)}",
            at=rested.at,
            look_at="what the connections of all users share, and what changes it while it is walked through",
            on_purpose="websocket.limit says how many connections somebody may have",
        )


def _strayed(rested: SocketsRested, subject: str) -> Iterator[Finding]:
    if rested.strayed:
        yield Finding(
            subject=subject,
            expected="nothing comes to a socket that is another user's",
            observed=_some(rested.strayed),
            at=rested.at,
            look_at="by what the connections of a user are found",
        )


def counted(trace: Trace, _: Contract, subject: str) -> Verdict:
    """Judge that the number of connections at the place `subject` is right whenever all users rest."""
    looks = trace.all(ConnectionsCounted, place=subject)
    if not looks:
        return NotCovered(untried(trace, "gathering"))
    unseen = [each.problem for each in looks if each.count < 0]
    if len(unseen) == len(looks):
        return NotCovered(f"{subject} could not be counted: {unseen[0]}")
    return [_miscounted(each) for each in looks if each.count != each.expected][:NAMED]


def _miscounted(look: ConnectionsCounted) -> Finding:
    of = look.user or "all users"
    return Finding(
        subject=look.place,
        expected=f"{look.expected} connections of {of}, once {look.moment} (round {look.round})",
        observed=f"{look.count}, {look.seconds:.1f} s later" if look.count >= 0 else look.problem,
        at=look.at,
        look_at="where connections are added and taken away: what is read before an await is written after it",
        on_purpose="websocket.connections says where they are counted, websocket.gone_within how soon",
    )


# -- the end of a connection


def ended(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that nothing is left of a connection which ended in the way `subject`, and that others go on."""
    end = trace.first(SocketEnded, end=subject)
    if end is None or contract.websocket is None:
        return NotCovered(untried(trace, "ends"))
    findings = [*_left(end, contract.websocket), *_unanswered(end), *_touched(end)]
    if not findings and end.problem:
        return NotCovered(f"what is left of it could not be counted: {end.problem}")
    if not findings and end.during <= end.before:
        return NotCovered(f"{end.measure} did not change with the connection: {end.before}")
    return findings


def _left(end: SocketEnded, socket: WebSocket) -> Iterator[Finding]:
    if not end.problem and end.after > end.before:
        yield Finding(
            subject=end.end,
            expected=f"{end.measure}: {end.before} again within {socket.gone_within:g} s",
            observed=f"{end.after} still, after {end.seconds:.1f} s",
            at=end.at,
            look_at="what is done when a socket ends: in a finally, whatever it ends by",
            on_purpose="websocket.gone_within says how long it may take",
        )


def _unanswered(end: SocketEnded) -> Iterator[Finding]:
    if unclean(end.answer):
        yield Finding(
            subject=end.end,
            expected="a close frame is answered by one (RFC 6455, 5.5.1)",
            observed=end.answer,
            at=end.at,
            look_at="the log of the application at that moment",
        )


def _touched(end: SocketEnded) -> Iterator[Finding]:
    if end.witness:
        yield Finding(
            subject=end.end,
            expected="the socket of another user goes on",
            observed=end.witness,
            at=end.at,
            look_at="what an error in one connection does to the others",
        )


# -- how many there may be


def limited(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that one connection too many is refused, that the others live, and that a place which is left is free."""
    tried, limit = trace.first(ConnectionsLimited), None if contract.websocket is None else contract.websocket.limit
    if tried is None or limit is None:
        return NotCovered(untried(trace, "limit"))
    return [*_within(tried, limit), *_beyond(tried, limit), *_freed(tried, limit)]


def limited_each(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that another user is let in while one has as many connections as one may have."""
    tried, limit = trace.first(ConnectionsLimited), None if contract.websocket is None else contract.websocket.limit
    if tried is None or limit is None:
        return NotCovered(untried(trace, "limit"))
    if limit.per == "all":
        return NotCovered("websocket.limit.per says that all users share the limit")
    if tried.other == KEPT:
        return []
    expected = f"another user is let in while one has {limit.connections} connections"
    return [_of_limit(limit, expected, tried.other, tried, "by what connections are counted: by the user, or all")]


def _within(tried: ConnectionsLimited, limit: Limit) -> Iterator[Finding]:
    if tried.early:
        expected = f"{limit.connections} connections of one user are kept"
        yield _of_limit(limit, expected, _some(tried.early), tried, "the limit which is really set")
    if tried.lost:
        expected = "one too many changes nothing for those which are open"
        yield _of_limit(limit, expected, _some(tried.lost), tried, "what is closed when the limit is reached")


def _beyond(tried: ConnectionsLimited, limit: Limit) -> Iterator[Finding]:
    how, _, code = tried.beyond.partition(" ")
    if how not in {"closed", "denied"} or code not in map(str, limit.refused):
        words = " or ".join(map(str, limit.refused))
        expected = f"connection {limit.connections + 1} is refused by {words}"
        yield _of_limit(limit, expected, tried.beyond, tried, "where the connections of somebody are counted")


def _freed(tried: ConnectionsLimited, limit: Limit) -> Iterator[Finding]:
    if tried.again not in {KEPT, ""}:
        expected = "once one of them has left, another one is let in"
        yield _of_limit(limit, expected, tried.again, tried, "what is counted back when a connection ends")


def _of_limit(limit: Limit, expected: str, observed: str, tried: ConnectionsLimited, look_at: str) -> Finding:
    return Finding(
        subject=f"{limit.connections} connections",
        expected=expected,
        observed=observed,
        at=tried.at,
        look_at=look_at,
        on_purpose="websocket.limit says how many there may be, and by what one too many is refused",
    )


# -- to each their own


def isolated(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that two users were given different objects at `subject` below what the factory makes (empty: itself)."""
    factory = None if contract.websocket is None else contract.websocket.factory
    compared = trace.first(ManagersCompared, path=subject)
    if compared is None or factory is None:
        return NotCovered(untried(trace, "factory"))
    place = factory.below(subject).text
    if compared.problem:
        return [_not_own(place, "it is there for each user", compared.problem, compared)]
    if compared.plain:
        return NotCovered(f"{place} is a value ({compared.type}), which nobody could share")
    if compared.shared:
        return [_not_own(place, "two users have an object each", f"both have the same {compared.type}", compared)]
    return _again(place, compared) if not compared.same and factory.per == "user" else []


def _again(place: str, compared: ManagersCompared) -> Verdict:
    """Judge that one user was given two objects: what is made anew each time tells nothing of who shares it."""
    if compared.path:
        return NotCovered(f"{place} gives another object each time, so that nothing can be told by it")
    return [_not_own(place, "a user has the same one each time", f"another {compared.type} each time", compared)]


def _not_own(place: str, expected: str, observed: str, compared: ManagersCompared) -> Finding:
    return Finding(
        subject=place,
        expected=expected,
        observed=observed,
        at=compared.at,
        look_at="what the factory is given of each user, and what is made once for all: a default, a class's attribute",
        on_purpose='websocket.factory.per = "request" says that it may be another one each time',
    )


def _some(texts: tuple[str, ...]) -> str:
    more = f" and {len(texts) - NAMED} more" if len(texts) > NAMED else ""
    return ", ".join(texts[:NAMED]) + more
