"""Who reconnects too often is refused, told how long to wait, and let in afterwards; nobody else notices (W19)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_startup.contract.model import Contract
from pytest_startup.contract.reconnect import Backoff
from pytest_startup.contract.values import Url
from pytest_startup.events.returning import RETURNING, CameAgain, ReturnFailed
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

ACCEPTED = "accepted"


def refuses(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that who comes too often is refused as declared and told a pause, which grows when it is not kept."""
    backoff = _declared(contract)
    tried = trace.all(CameAgain, when="often")
    if backoff is None or not tried:
        return _why_none(trace, contract)
    slow = [each for each in tried if each.answer == ACCEPTED and each.seconds > backoff.within]
    if slow:
        return NotCovered(f"{slow[0].number} connections took {slow[0].seconds:.1f} s, more than {backoff.within:g} s")
    wrong = [each for event in tried for each in _refused(event, backoff)][:1]
    early = trace.first(CameAgain, when="early")
    before = [each for each in tried if early is not None and each.at <= early.at]
    return wrong or ([] if early is None or not before else list(_kept_out(before[-1], early, backoff)))


def _refused(event: CameAgain, backoff: Backoff) -> Iterator[Finding]:
    allowed = f"{backoff.attempts} connections of a user within {backoff.within:g} s"
    codes = ", ".join(map(str, backoff.refused))
    if event.answer == ACCEPTED:
        yield _finding(f"no more than {allowed}", f"the connection number {event.number} was accepted", event.at)
    elif not _as_declared(event, backoff):
        yield _finding(f"beyond {allowed} one is refused with {codes}", f"{event.answer} ({_nth(event)})", event.at)
    elif event.number <= backoff.attempts:
        yield _finding(allowed, f"{event.answer} at the connection number {event.number}", event.at)
    elif backoff.pause is not None and event.pause < 0:
        yield _finding(
            f"who is refused is told how long to wait ({backoff.pause})", f"{event.answer} without it", event.at
        )


def _kept_out(first: CameAgain, early: CameAgain, backoff: Backoff) -> Iterator[Finding]:
    """Find that it does not matter whether the pause is kept; not when it was over by then."""
    if backoff.pause is None or early.at - first.at >= first.pause:
        return
    pause = f"a pause of {first.pause:g} s"
    if early.answer == ACCEPTED:
        yield _finding(f"nobody is let in before {pause} is over", "the next connection was accepted", early.at)
    elif backoff.grows and early.pause <= first.pause:
        told = f"{early.pause:g} s" if early.pause >= 0 else "nothing"
        expected = f"who comes before {pause} is over is told a longer one"
        yield _finding(expected, f"{told} was told then", early.at)


def ends(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that who waits as told is let in."""
    backoff = _declared(contract)
    refused = [each for each in trace.all(CameAgain, when="often") if each.answer != ACCEPTED]
    if backoff is None or not refused:
        return _why_none(trace, contract)
    if backoff.pause is None:
        return NotCovered("the contract does not say where the pause is told (websocket.reconnect.backoff.pause)")
    waited = trace.first(CameAgain, when="waited")
    if waited is None:
        told = max(each.pause for each in refused)
        return NotCovered("no pause was told" if told < 0 else f"a pause of {told:g} s is more than can be waited for")
    if waited.answer == ACCEPTED:
        return []
    return [_finding(f"who has waited for {refused[-1].pause:g} s, as told, is let in", waited.answer, waited.at)]


def spares_others(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that somebody else is let in while one who came too often is not."""
    other = trace.first(CameAgain, when="other")
    if other is None:
        return _why_none(trace, contract)
    if other.answer == ACCEPTED:
        return []
    expected = "somebody else is let in while one who came too often is refused"
    return [_finding(expected, other.answer, other.at)]


def _finding(expected: str, observed: str, at: float) -> Finding:
    return Finding(
        subject="websocket.reconnect.backoff",
        expected=expected,
        observed=observed,
        at=at,
        look_at="what counts the connections of a user: by whom, for how long, and what it does to who does not wait",
        on_purpose="websocket.reconnect.backoff says how many are allowed, and how one is refused beyond them",
    )


def _as_declared(event: CameAgain, backoff: Backoff) -> bool:
    return event.answer in {f"{word} {code}" for code in backoff.refused for word in ("denied", "closed")}


def _nth(event: CameAgain) -> str:
    return f"the connection number {event.number}"


def _declared(contract: Contract) -> Backoff | None:
    reconnect = contract.websocket.reconnect if contract.websocket is not None else None
    return None if reconnect is None or isinstance(contract.launch.app, Url) else reconnect.backoff


def _why_none(trace: Trace, contract: Contract) -> NotCovered:
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, and for others as well")
    if _declared(contract) is None:
        return NotCovered("the contract does not say what happens to who comes back too often")
    failed = trace.first(ReturnFailed, part="backoff")
    if failed is not None:
        return NotCovered(f"{failed.user}: {failed.problem}")
    tried: Sequence[CameAgain] = trace.all(CameAgain)
    if tried:
        return NotCovered("nobody was refused, however often")
    return NotCovered(trace.why_untried(RETURNING, "nobody came back in this boot"))
