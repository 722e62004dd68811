"""Users who lose their connections get the rest when they come back: in order, nothing lost, nothing twice.

In a turn of the chat (W17), of messages which were sent meanwhile (W17, I17), in the state of before (W19), and when
many come back in the same moment (C12).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.process import Exited
from pytest_startup.events.returning import (
    RETURNING,
    QueueDelivered,
    ReturnFailed,
    StateKept,
    StormEnded,
    StormReturned,
    TurnResumed,
)
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

ON_PURPOSE = "websocket.reconnect says how a user comes back, and whether frames may come again (replay)"
ACCEPTED = "accepted"

LOST = {
    "reset": "reset (RST)",
    "ended": "ended in mid-stream",
    "closed": "closed",
}
"""How a connection is lost, in words."""


def turn(trace: Trace, contract: Contract, way: str) -> Verdict:
    """Judge that the rest of a turn comes after the return of a user whose connection was lost in it (W17)."""
    tried = trace.all(TurnResumed, way=way)
    unable = _unable(trace, contract, f"turn {way}", found=bool(tried))
    if unable is not None:
        return unable
    wrong = [*_not_back(tried, way), *_broken_turns(tried, way)]
    if wrong or any(each.before < len(each.types) for each in tried):
        return wrong
    early = next((each.observed for each in tried if each.about and not each.resumed), "")
    if early:
        return NotCovered(f"the turn went wrong before the connection was lost: {early}")
    return NotCovered("every turn was over by the time at which the connection was gone")


def _broken_turns(tried: Sequence[TurnResumed], way: str) -> Iterator[Finding]:
    """Find the turns which went wrong after a return: of those about one event, the first."""
    groups: dict[str, list[TurnResumed]] = defaultdict(list)
    for each in tried:
        if each.about and each.resumed and not each.problem:
            groups[each.about].append(each)
    for about, group in groups.items():
        first = group[0]
        yield Finding(
            subject=about,
            expected=f"after the return of a user whose connection was {LOST[way]}: {first.expected}",
            observed=f"{first.observed}; {first.before} events had come before, in {len(group)} of {len(tried)} turns "
            "it was so",
            at=first.at,
            look_at="what becomes of the events of a run whose user is away: where they are kept, and what is sent at "
            "the return",
            on_purpose=ON_PURPOSE,
        )


def queue(trace: Trace, contract: Contract, way: str) -> Verdict:
    """Judge that what was sent to users who were away comes when they are back, in its order (W17)."""
    tried = [each for each in trace.all(QueueDelivered, way=way) if each.when != "start"]
    unable = _unable(trace, contract, f"away {way}", found=bool(tried))
    return unable if unable is not None else _queued(tried, way, contract)


def queue_after_start(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge the same of the first user of all, whose connection is lost right after the start (I17)."""
    tried = trace.all(QueueDelivered, when="start")
    unable = _unable(trace, contract, "start", found=bool(tried))
    return unable if unable is not None else _queued(tried, tried[0].way, contract)


def _queued(tried: Sequence[QueueDelivered], way: str, contract: Contract) -> Verdict:
    wrong = [*_not_back(tried, way), *_wrong_queues(tried, way, contract)]
    if wrong or any(each.put for each in tried):
        return wrong
    return NotCovered(f"no message could be put in: it raised {next((e.refused[0] for e in tried if e.refused), '')}")


def _wrong_queues(tried: Sequence[QueueDelivered], way: str, contract: Contract) -> Iterator[Finding]:
    bad = [
        (each, problem)
        for each in tried
        if not each.problem and (problem := _difference(each.put, _counted(each.came, contract)))
    ]
    bad += [(each, _foreign(each.foreign)) for each in tried if each.foreign]
    for each, problem in bad[:1]:
        yield Finding(
            subject="websocket.reconnect",
            expected=f"all {len(each.put)} messages which were sent to a user whose connection was {LOST[way]}, in "
            "their order, each once",
            observed=f"{problem}, as for {len(bad)} of {len(tried)} users: {_listed(each.came)} came",
            at=each.at,
            look_at="where messages for a user who is away are kept, by whom, and how they are taken out",
            on_purpose=ON_PURPOSE,
        )


def state(trace: Trace, contract: Contract, what: str) -> Verdict:
    """Judge that a user who comes back goes on where the connection was lost (W19)."""
    tried = trace.all(StateKept, what=what)
    unable = _unable(trace, contract, "state", found=bool(tried))
    if unable is not None:
        return unable
    return [each for event in tried for each in _state(event)][:1]


def _state(event: StateKept) -> Iterator[Finding]:
    changed = [f"{name} is {event.found[name]}" for name in event.kept if event.found[name] != event.kept[name]]
    if not event.problem and not changed:
        return
    before = ", ".join(f"{name} {value}" for name, value in event.kept.items())
    yield Finding(
        subject=f"websocket.reconnect.{event.what}",
        expected=f"after the return it goes on as before{f', with {before}' if before else ''}",
        observed=event.problem or ", ".join(changed),
        at=event.at,
        look_at="what belongs to a connection and not to its user: it is gone with the connection",
    )


def all_at_once(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that many users who come back in one moment each get what is theirs, all of it, in time (C12)."""
    ended = trace.first(StormEnded)
    unable = _unable(trace, contract, "storm", found=ended is not None)
    if unable is not None or ended is None:
        return unable or []
    came = trace.all(StormReturned)
    wrong = [*_crashed(trace, ended), *_unconnected(ended), *_turned_away(came, contract), *_unserved(came, contract)]
    if wrong or (ended.whole and any(each.put and each.answer == ACCEPTED for each in came)):
        return wrong[:3]
    failed = trace.first(ReturnFailed, part="storm")
    if failed is not None:
        return NotCovered(f"{failed.user}: {failed.problem}")
    return NotCovered(f"only {len(came)} of {ended.wanted} users came back: there was no time left for the others")


def _crashed(trace: Trace, ended: StormEnded) -> Iterator[Finding]:
    gone = trace.first(Exited, asked=False)
    if gone is not None and gone.at >= ended.began - 1:
        yield _stormy(f"the process lives while {ended.wanted} users come back", f"it ended ({gone.code})", gone.at)


def _unconnected(ended: StormEnded) -> Iterator[Finding]:
    if ended.connected < ended.wanted and ended.whole:
        expected = f"{ended.wanted} users are connected at the same time"
        yield _stormy(expected, f"{ended.connected} of them were", ended.began)


def _turned_away(came: Sequence[StormReturned], contract: Contract) -> Iterator[Finding]:
    away = [each for each in came if each.answer != ACCEPTED and not _declared(each, contract)]
    if away:
        answers = ", ".join(dict.fromkeys(each.answer for each in away))
        yield _stormy(f"{len(came)} users come back at once, and stay", f"{len(away)} of them: {answers}", away[0].at)


def _unserved(came: Sequence[StormReturned], contract: Contract) -> Iterator[Finding]:
    there = [each for each in came if each.answer == ACCEPTED]
    bad = [(each, problem) for each in there if (problem := _difference(each.put, _counted(each.came, contract)))]
    bad += [(each, _foreign(each.foreign)) for each in there if each.foreign]
    seconds = contract.websocket.reconnect.max_seconds if contract.websocket and contract.websocket.reconnect else 0
    for each, problem in bad[:1]:
        yield _stormy(
            f"each of {len(came)} users who come back at once gets the messages which waited, within {seconds:g} s",
            f"user {each.user}: {problem}, {_listed(each.came)} came; {len({e.user for e, _ in bad})} such users",
            each.at,
        )


def _stormy(expected: str, observed: str, at: float) -> Finding:
    return Finding(
        subject="websocket.reconnect.storm",
        expected=expected,
        observed=observed,
        at=at,
        look_at="what all connections share when they begin and end: a lock, a dictionary which is gone through, a "
        "loop that sends to one after the other",
        on_purpose="websocket.reconnect.storm says how many, websocket.reconnect.backoff.refused how they are refused",
    )


def _declared(each: StormReturned, contract: Contract) -> bool:
    """Whether a user was refused as the contract says that one who comes too often is."""
    reconnect = contract.websocket.reconnect if contract.websocket is not None else None
    refused = reconnect.backoff.refused if reconnect is not None and reconnect.backoff is not None else ()
    return each.answer in {f"{word} {code}" for code in refused for word in ("denied", "closed")}


# -- what several have in common ------------------------------------------------------------------------------------


def _not_back(tried: Iterable[TurnResumed | QueueDelivered], way: str) -> Iterator[Finding]:
    """Find who could not come back; what went wrong before the loss is another matter."""
    gone = [each for each in tried if each.problem and not each.problem.startswith("before the loss")]
    for each in gone[:1]:
        yield Finding(
            subject="websocket.reconnect",
            expected=f"a user whose connection was {LOST[way]} can come back",
            observed=f"{each.problem}, for {len(gone)} users",
            at=each.at,
            look_at="what a second connection of a user finds left of the first one",
            on_purpose="websocket.reconnect.resume says what is said at the return",
        )


def _counted(came: Sequence[int], contract: Contract) -> Sequence[int]:
    """Return what counts of the messages which came: the first of each, where they may come again."""
    reconnect = contract.websocket.reconnect if contract.websocket is not None else None
    again = reconnect is not None and reconnect.replay == "at-least-once"
    return list(dict.fromkeys(came)) if again else came


def _difference(put: Sequence[int], came: Sequence[int]) -> str:
    """Return in words how what came is not what was put in; empty when it is just that."""
    missing, twice = [each for each in put if each not in came], sorted({each for each in came if came.count(each) > 1})
    if missing:
        return f"{_listed(missing)} did not come"
    if twice:
        return f"{_listed(twice)} came more than once"
    if set(came) > set(put):
        return f"{_listed(sorted(set(came) - set(put)))} came again, of an earlier time"
    return "" if list(came) == sorted(came) else "they came in another order"


def _foreign(count: int) -> str:
    return f"{count} messages of others came"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(f"number {each}" for each in numbers) or "nothing"


def _unable(trace: Trace, contract: Contract, part: str, *, found: bool) -> NotCovered | None:
    """Return why nothing can be said of a part of the exercise; None when something was `found`."""
    if contract.websocket is None or contract.websocket.reconnect is None:
        return NotCovered("the contract does not say how a user comes back (websocket.reconnect)")
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, and for others as well")
    if found:
        return None
    failed = trace.first(ReturnFailed, part=part)
    if failed is not None:
        return NotCovered(f"{failed.user}: {failed.problem}")
    return NotCovered(trace.why_untried(RETURNING, "nobody came back in this boot"))
