"""A rate limit lets through what it allows, refuses what is beyond, and counts for each user alone (I11)."""

from __future__ import annotations

from pytest_startup.contract.limiting import Spoken
from pytest_startup.contract.model import Contract, Limit
from pytest_startup.events.guarded import KEEPING_OUT, LimitReached
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def holds(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that of many requests those within the limit `subject` are served, and those beyond it refused."""
    reached = trace.last(LimitReached, limit=subject)
    if reached is None:
        return NotCovered(_unreached(trace, subject))
    limit = contract.limit(subject)
    broken = _broken(reached, limit)
    if not reached.refused and not broken and _refillable(reached, limit):
        asked = f"{reached.sent} requests in {reached.seconds:.1f} s"
        return NotCovered(f"it refills as quickly as we could ask: {asked} are no more than a bucket allows")
    return [*_early(reached, limit), *_never(reached, limit), *broken, *_undated(reached, limit)]


def counts_each_user(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that another user is served while one is beyond the limit `subject`."""
    limit = contract.limit(subject)
    if limit.per != "user":
        return NotCovered(f"limits.{subject}.per does not say that users count each for themselves")
    reached = trace.last(LimitReached, limit=subject)
    if reached is None:
        return NotCovered(_unreached(trace, subject))
    if not reached.refused:
        return NotCovered("the limit was not reached")
    if _served(reached.other, limit):
        return []
    expected = f"{limit.what} of another user is served while one is beyond the limit"
    look_at = "by what requests are counted: the token's user, or what all of them share"
    return [Finding(subject=subject, expected=expected, observed=reached.other, at=reached.at, look_at=look_at)]


def _unreached(trace: Trace, name: str) -> str:
    return trace.why_untried(KEEPING_OUT, "no limit was tried in this boot", sort="limit", name=name)


def _served(answer: str, limit: Limit) -> bool:
    wanted = () if isinstance(limit.way, Spoken) else limit.way.status
    return answer in map(str, wanted) if wanted else answer.startswith("2")


def _early(reached: LimitReached, limit: Limit) -> list[Finding]:
    if not reached.early:
        return []
    expected = f"the first {reached.within} of {limit.allowed} requests within {limit.seconds:g} s are served"
    observed = f"{reached.early} of them were refused"
    return [_finding(limit, expected, observed, reached, "the limit that is really set, and what else counts")]


def _refillable(reached: LimitReached, limit: Limit) -> bool:
    """Whether a bucket that is refilled all the time would have served all of it."""
    return reached.sent <= limit.allowed * (1 + reached.seconds / limit.seconds)


def _never(reached: LimitReached, limit: Limit) -> list[Finding]:
    if reached.refused or _refillable(reached, limit):
        return []
    expected = f"more than {limit.allowed} requests within {limit.seconds:g} s are refused by {_words(limit)}"
    observed = f"none of {reached.sent} within {reached.seconds:.1f} s was: {_answers(reached)}"
    return [_finding(limit, expected, observed, reached, "where requests are counted, and what an error there means")]


def _broken(reached: LimitReached, limit: Limit) -> list[Finding]:
    refusals = set(map(str, limit.status))
    other = [each for each in reached.answers if each not in refusals and not _served(each, limit)]
    if not other:
        return []
    expected = f"every request is served, or refused by {_words(limit)}"
    return [_finding(limit, expected, _answers(reached), reached, "the log of the application")]


def _undated(reached: LimitReached, limit: Limit) -> list[Finding]:
    without = reached.refused - reached.dated
    if not limit.retry_after or not without:
        return []
    expected = "every refusal says in Retry-After when to come back: seconds, or a date"
    observed = f"{without} of {reached.refused} do not"
    return [_finding(limit, expected, observed, reached, "what is answered to one request too many")]


def _finding(limit: Limit, expected: str, observed: str, reached: LimitReached, look_at: str) -> Finding:
    return Finding(
        subject=f"{limit.name}, {limit.what}",
        expected=expected,
        observed=observed,
        at=reached.at,
        look_at=look_at,
        on_purpose=f"limits.{limit.name} says what is right",
    )


def _words(limit: Limit) -> str:
    return " or ".join(map(str, limit.status))


def _answers(reached: LimitReached) -> str:
    return ", ".join(f"{count} x {answer}" for answer, count in sorted(reached.answers.items()))
