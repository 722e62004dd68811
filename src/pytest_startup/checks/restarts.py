"""A restart while broadcasts go on: nothing doubled, nothing torn, a clean end, and everybody is back (C15)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.connected import BROADCAST, RESTART, BroadcastsHeard, CompanyMissing, RestartTried
from pytest_startup.events.process import Ready
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace


def ends_cleanly(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that every socket is closed by a code which says why, when the application stops (C15)."""
    broadcast = _tried(trace, contract, name)
    if isinstance(broadcast, NotCovered):
        return broadcast
    good = [f"closed {code}" for code in broadcast.closes]
    heard = trace.all(BroadcastsHeard, broadcast=name, part="stopping")
    wrong = [each for each in heard if each.ended not in good]
    if not wrong:
        return []
    ends = Counter(each.ended or "still open" for each in wrong)
    return [
        Finding(
            subject=name,
            expected=f"when it stops, every socket is {' or '.join(good)}",
            observed=", ".join(f"{count} of {len(heard)}: {_words(end)}" for end, count in sorted(ends.items())),
            at=wrong[0].at,
            look_at="what the shutdown does about open sockets, and whether the server waits for it",
            on_purpose=f"name the codes in websocket.broadcasts ({name}).closes",
        )
    ]


def _words(end: str) -> str:
    return f"{end}, which is no close frame at all" if end == "closed 1006" else end


def stays_whole(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that until it stops each broadcast comes to each socket at most once, and none is left out (C15)."""
    broadcast = _tried(trace, contract, name)
    if isinstance(broadcast, NotCovered):
        return broadcast
    restart = trace.first(RestartTried, broadcast=name)
    sent = restart.sent if restart is not None else 0
    heard = trace.all(BroadcastsHeard, broadcast=name, part="stopping")
    wanted = [each for each in heard if broadcast.reaches_users_of(each.journey)]
    return [finding for each in wanted for finding in _whole(each, sent)]


def _whole(heard: BroadcastsHeard, sent: int) -> Iterator[Finding]:
    times = Counter(heard.numbers)
    doubled = [number for number in times if times[number] > 1]
    last = max((number for number in times if number <= sent), default=0)
    left_out = [number for number in range(1, last) if not times[number]]
    expected = f"each broadcast comes to {heard.socket} once, as long as it is open"
    if doubled:
        observed = f"number {doubled[0]} came {times[doubled[0]]} times"
        yield _finding(heard, expected, observed, "what is sent again when the application stops")
    elif left_out:
        observed = f"number {left_out[0]} did not come, and number {last} did"
        yield _finding(heard, expected, observed, "what is thrown away when the application stops")
    elif not last:
        yield _finding(heard, expected, f"none of {sent} came", "who is looked up to be sent to")


def comes_back(trace: Trace, contract: Contract, name: str) -> Verdict:
    """Judge that everybody can connect again after the next boot, and broadcasts reach them, once (C15)."""
    broadcast = _tried(trace, contract, name)
    if isinstance(broadcast, NotCovered):
        return broadcast
    restart = trace.first(RestartTried, broadcast=name)
    if restart is not None and not restart.ready:
        observed = restart.observed or "it was not"
        return [Finding(subject=name, expected="ready again", observed=observed, at=restart.at, look_at="its log")]
    heard = trace.all(BroadcastsHeard, broadcast=name, part="again")
    wanted = [each for each in heard if broadcast.reaches_users_of(each.journey)]
    if not wanted:
        return NotCovered("nobody had the time to come back")
    return [finding for each in wanted for finding in _back(each)]


def _back(heard: BroadcastsHeard) -> Iterator[Finding]:
    expected = f"{heard.socket} connects again after the restart, and gets each broadcast once"
    if heard.ended:
        yield _finding(heard, expected, f"the socket was {heard.ended}", "what is kept of somebody over a restart")
    elif sorted(heard.numbers) != [1, 2]:
        came = ", ".join(map(str, heard.numbers)) or "none"
        yield _finding(heard, expected, f"of 1 and 2, these came: {came}", "who is looked up to be sent to")


def _finding(heard: BroadcastsHeard, expected: str, observed: str, look_at: str) -> Finding:
    return Finding(subject=heard.broadcast, expected=expected, observed=observed, at=heard.at, look_at=look_at)


def _tried(trace: Trace, contract: Contract, name: str) -> Broadcast | NotCovered:
    """Return the broadcast, or why its restart cannot be judged."""
    broadcasts = contract.websocket.broadcasts if contract.websocket is not None else ()
    if name not in [each.name for each in broadcasts[:1]]:
        return NotCovered("a restart is tried with the first broadcast of the contract alone")
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already: nothing of ours starts it again")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    missing = trace.first(CompanyMissing, exercise=RESTART) or trace.first(
        CompanyMissing, exercise=BROADCAST, name=name
    )
    if missing is not None:
        return NotCovered(missing.reason)
    if trace.first(RestartTried, broadcast=name) is None:
        return NotCovered("there was no restart in this boot")
    return broadcasts[0]
