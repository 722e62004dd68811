"""A limit of what is said over sockets holds for the user, and whatever is said at once is answered (W10 to W12)."""

from __future__ import annotations

import math

from pytest_startup.contract.limiting import Spoken
from pytest_startup.contract.model import Contract, Limit
from pytest_startup.events.guarded import KEEPING_OUT, Flooded, LimitReached
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

SERVED = "served"
SAID = "limits.{} says what is right"


def holds(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that frames within the limit `subject` are served, those beyond it refused, on all sockets of a user."""
    flooded = trace.last(Flooded, limit=subject)
    if flooded is None:
        return NotCovered(_untried(trace, subject))
    limit = contract.limit(subject)
    return [
        *_early(flooded, limit),
        *_more(flooded, limit),
        *_never(flooded, limit),
        *_closed(flooded, limit),
        *_second(flooded, limit),
    ]


def counts_each_user(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that another user is served while one is beyond the limit `subject`, the last time that one was."""
    if contract.limit(subject).per != "user":
        return NotCovered(f"limits.{subject}.per does not say that users count each for themselves")
    attempts = trace.all(Flooded, limit=subject)
    if not attempts:
        return NotCovered(_untried(trace, subject))
    flooded = next((each for each in reversed(attempts) if each.refused or each.ended), None)
    if flooded is None:
        return NotCovered("the limit was not reached")
    if flooded.other == SERVED:
        return []
    expected = "a frame of another user is served while one is beyond the limit"
    look_at = "by what frames are counted: the user of the socket, or what all of them share"
    return [Finding(subject=subject, expected=expected, observed=flooded.other, at=flooded.at, look_at=look_at)]


def burst(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that whatever is said in one moment is answered, in order, and that one is served after a short window."""
    flooded = trace.last(Flooded, limit=subject)
    if flooded is None:
        return NotCovered(_untried(trace, subject))
    limit = contract.limit(subject)
    missing = flooded.sent - flooded.served - flooded.refused
    if flooded.ended and limit.refused_close and flooded.served >= flooded.within:
        missing = 0  # whoever is hung up on is told nothing of what came later
    return [*_lost(flooded, limit, missing), *_disordered(flooded, limit), *_later(flooded, limit)]


def tier(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that a tier has its own limit: more is served to it than to the tiers which the contract allows less."""
    limit = contract.limit(subject)
    lower = [each for each in contract.limits if each.of == limit.of and each.allowed < limit.allowed]
    higher = [each for each in contract.limits if each.of == limit.of and each.allowed > limit.allowed]
    if not lower and not higher:
        return NotCovered(f"no limit of another tier has of = {limit.of}, and another number")
    own = _served(trace, limit)
    if own is None:
        return NotCovered(_untried(trace, subject))
    others = {each.name: _served(trace, each) for each in (*lower, *higher)}
    if all(served is None for served in others.values()):
        return NotCovered("no limit of another tier was tried")
    found = [] if own >= _least(trace, limit) else [_number(trace, limit, own)]
    for each in lower:
        served = others[each.name]
        if served is not None and served >= own:
            found.append(_same(trace, limit, each, own, served))
    return found


def _served(trace: Trace, limit: Limit) -> int | None:
    """Return how many were served to one user of a limit; None where nobody tried."""
    if isinstance(limit.way, Spoken):
        flooded = trace.last(Flooded, limit=limit.name)
        return None if flooded is None else flooded.served
    reached, status = trace.last(LimitReached, limit=limit.name), limit.way.status
    if reached is None:
        return None
    good = [each for each in reached.answers if (each in map(str, status) if status else each.startswith("2"))]
    return sum(reached.answers[each] for each in good)


def _least(trace: Trace, limit: Limit) -> int:
    """Return how many must have been served, whatever else counts."""
    found = trace.last(Flooded, limit=limit.name) or trace.last(LimitReached, limit=limit.name)
    return 0 if found is None else found.within


def _untried(trace: Trace, name: str) -> str:
    return trace.why_untried(KEEPING_OUT, "no limit was tried in this boot", sort="limit", name=name)


# -- within, and beyond


def _early(flooded: Flooded, limit: Limit) -> list[Finding]:
    if flooded.served >= flooded.within:
        return []
    expected = f"{flooded.within} frames of a user within {limit.seconds:g} s are served"
    return [_finding(limit, expected, _answers(flooded), flooded, "the number that is really configured")]


def _more(flooded: Flooded, limit: Limit) -> list[Finding]:
    if flooded.served <= limit.allowed + math.ceil(limit.allowed * flooded.seconds / limit.seconds):
        return []
    if not _refuses(flooded, limit):  # said there
        return []
    expected = f"no more than {limit.allowed} frames within {limit.seconds:g} s are served"
    observed = f"{_answers(flooded)}, within {flooded.seconds:.1f} s"
    return [_finding(limit, expected, observed, flooded, "when frames are counted: before they are served, or after")]


def _never(flooded: Flooded, limit: Limit) -> list[Finding]:
    if _refuses(flooded, limit) or (flooded.served < flooded.within and flooded.ended):
        return []
    expected = f"more than {limit.allowed} frames within {limit.seconds:g} s are refused: {_words(limit)}"
    observed = f"none was: {_answers(flooded)}, within {flooded.seconds:.1f} s"
    return [_finding(limit, expected, observed, flooded, "where frames are counted, and what is said of one too many")]


def _refuses(flooded: Flooded, limit: Limit) -> bool:
    return bool(flooded.refused) or _by_close(flooded.ended, limit)


def _by_close(ended: str, limit: Limit) -> bool:
    how, _, code = ended.partition(" ")
    return how in {"closed", "denied"} and (how == "denied" or code in map(str, limit.refused_close))


def _closed(flooded: Flooded, limit: Limit) -> list[Finding]:
    if not flooded.ended or (limit.refused_close and _by_close(flooded.ended, limit)):
        return []
    codes = " or ".join(map(str, limit.refused_close))
    expected = f"the socket is closed by {codes}" if codes else "the socket stays open for whoever says too much"
    return [_finding(limit, expected, flooded.ended, flooded, "the log of the application")]


def _second(flooded: Flooded, limit: Limit) -> list[Finding]:
    """Find that another socket of the same user has a limit of its own; a bucket is refilled meanwhile."""
    refilled = math.ceil(limit.allowed * flooded.second_seconds / limit.seconds)
    if not _refuses(flooded, limit) or flooded.second_served <= refilled:
        return []
    expected = "a second socket of the same user is within the same limit"
    observed = f"{flooded.second_served} of {flooded.second_sent} frames more were served there"
    return [_finding(limit, expected, observed, flooded, "by what frames are counted: the user, or each connection")]


# -- all at once


def _lost(flooded: Flooded, limit: Limit, missing: int) -> list[Finding]:
    if missing <= 0:
        return []
    expected = f"each of {flooded.sent} frames which are sent in one moment is answered: served, or refused"
    observed = f"{missing} of them never were: {_answers(flooded)}"
    look_at = "what reads the socket while a frame is handled" if not flooded.refused else "what is not even refused"
    return [_finding(limit, expected, observed, flooded, look_at)]


def _disordered(flooded: Flooded, limit: Limit) -> list[Finding]:
    if not flooded.disordered:
        return []
    expected = "frames which are sent in one moment are served in their order"
    observed = f"{flooded.disordered} of {flooded.served} answers came before that to an earlier frame"
    return [_finding(limit, expected, observed, flooded, "what handles several frames of a socket at a time")]


def _later(flooded: Flooded, limit: Limit) -> list[Finding]:
    if flooded.later in {"", SERVED}:
        return []
    expected = f"after {limit.seconds:g} s the user is served again"
    return [_finding(limit, expected, flooded.later, flooded, "when what has been counted is forgotten")]


# -- tiers


def _number(trace: Trace, limit: Limit, own: int) -> Finding:
    return Finding(
        subject=f"{limit.name}, {limit.tier}",
        expected=f"{limit.allowed} within {limit.seconds:g} s are served to the tier {limit.tier}",
        observed=f"{own} were",
        at=_at(trace, limit),
        look_at="by what the tier of a user is told, and which limit it has",
        on_purpose=SAID.format(limit.name),
    )


def _same(trace: Trace, limit: Limit, other: Limit, own: int, served: int) -> Finding:
    return Finding(
        subject=f"{limit.name}, {limit.tier}",
        expected=f"more is served to the tier {limit.tier} than to {other.tier}",
        observed=f"{own} to {limit.tier}, {served} to {other.tier}",
        at=_at(trace, limit),
        look_at="by what the tier of a user is told, and which limit it has",
        on_purpose=SAID.format(limit.name),
    )


def _at(trace: Trace, limit: Limit) -> float:
    found = trace.last(Flooded, limit=limit.name) or trace.last(LimitReached, limit=limit.name)
    return 0.0 if found is None else found.at


def _finding(limit: Limit, expected: str, observed: str, flooded: Flooded, look_at: str) -> Finding:
    return Finding(
        subject=f"{limit.name}, {limit.what}",
        expected=expected,
        observed=observed,
        at=flooded.at,
        look_at=look_at,
        on_purpose=SAID.format(limit.name),
    )


def _words(limit: Limit) -> str:
    told = ["by the frame of limits.refused"] if limit.refused else []
    return " or ".join([*told, *(f"closed {code}" for code in limit.refused_close)])


def _answers(flooded: Flooded) -> str:
    closed = f", {flooded.ended}" if flooded.ended else ""
    return f"of {flooded.sent} frames {flooded.served} were served, {flooded.refused} refused{closed}"
