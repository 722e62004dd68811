"""What agents have under way is a user's own, and comes to its end (W15, W16)."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_startup.checks.visits import untried
from pytest_startup.contract.model import Contract
from pytest_startup.events.sockets import PlaceSettled, SpoofTried
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

HARMLESS = ("refused", "served")


def settled(trace: Trace, contract: Contract, subject: str) -> Verdict:
    """Judge that the place `subject` was as before whenever nothing was under way any more."""
    looks = trace.all(PlaceSettled, place=subject)
    if not looks or contract.websocket is None:
        return NotCovered(untried(trace, "settling"))
    unseen = next((each.problem for each in looks if each.problem), "")
    if unseen:
        return NotCovered(f"{subject} could not be looked at: {unseen}")
    left = [each for each in looks if each.after != each.before]
    if not left and all(each.most <= each.before for each in looks):
        return NotCovered(f"{subject} was never more than {looks[0].before}, so that nothing can be told by it")
    return [_left(each, contract.websocket.settles_within) for each in left]


def _left(look: PlaceSettled, seconds: float) -> Finding:
    return Finding(
        subject=look.place,
        expected=f"{look.before} again within {seconds:g} s after {look.occasion}",
        observed=f"{look.after}, after {look.seconds:.1f} s",
        at=look.at,
        look_at="what takes a run out of the table when it ends: also when nobody listens any more, or it fails",
        on_purpose="websocket.settles says what must come back, websocket.settles_within how soon",
    )


def own(trace: Trace, _: Contract, subject: str) -> Verdict:
    """Judge that a frame with another user's id, at `subject`, was refused, or was the asker's own all the same."""
    tried = trace.first(SpoofTried, field=subject)
    if tried is None:
        return NotCovered(untried(trace, "spoofing"))
    findings = [*_came(tried), *_strayed(tried), *_recorded(tried)]
    if not findings and tried.unasked:
        return NotCovered(f"what was recorded could not be looked for: {tried.unasked}")
    return findings


def _came(tried: SpoofTried) -> Iterator[Finding]:
    if tried.outcome not in HARMLESS:
        yield _finding(tried, "it is refused, or all that comes of it is the asker's own", tried.outcome)


def _strayed(tried: SpoofTried) -> Iterator[Finding]:
    if tried.strayed:
        yield _finding(tried, "the other user hears nothing of it", tried.strayed)


def _recorded(tried: SpoofTried) -> Iterator[Finding]:
    if tried.recorded > 0:
        yield _finding(tried, "nothing of it is recorded for the other user", f"{tried.recorded} rows")


def _finding(tried: SpoofTried, expected: str, observed: str) -> Finding:
    return Finding(
        subject=tried.field,
        expected=f"with the id of another user in a frame: {expected}",
        observed=observed,
        at=tried.at,
        look_at="from where whatever handles a frame takes its user: the connection knows, a frame only says so",
        on_purpose="websocket.spoof.fields says where a frame may name a user",
    )
