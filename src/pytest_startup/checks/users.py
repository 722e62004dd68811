"""Many users at once, from the first moment on: nothing lost, nothing crossed, nobody starved (I10, C3, I17).

The first users find a database in which nobody has been. Those who ask at the same moment are connected before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median

from pytest_startup.contract.model import Contract
from pytest_startup.contract.values import Url
from pytest_startup.events.process import Ready
from pytest_startup.events.used import (
    FIRST_USERS,
    ONE_NAME,
    TOO_MANY,
    USERS,
    JourneyStepped,
    NameRaced,
    TurnTaken,
    UsersAsked,
)
from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.trace import Trace

STARVED_TIMES = 4.0
"""So many times as long as others usually wait, nobody may wait while they are served ..."""

STARVED_SECONDS = 1.0
"""... if it is longer than this: a handful of users in one queue never differ so much, nor does noise."""

STILL_SECONDS = 0.1
"""When nobody is sent anything for so long, it is the whole that stands still, and no one is served before another."""

LEAST_USERS = 5
"""Of fewer users nobody can say what is usual."""

BROKEN = 500


def served(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that each of many users who ask at once gets all events of a turn of its own, in time (I10)."""
    return _all_of_them(trace, contract, USERS)


def first(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that none of the very first users fails, who do everything at once right after it is ready (C3, I17)."""
    return _all_of_them(trace, contract, FIRST_USERS)


def _all_of_them(trace: Trace, contract: Contract, exercise: str) -> Verdict:
    unable = _unable(trace, contract, exercise)
    if unable is not None:
        return unable
    wrong = [*_unprepared(trace, exercise), *_wrong(trace, exercise)]
    asked = trace.first(UsersAsked, exercise=exercise)
    if asked is None or wrong or asked.asked == asked.wanted:
        return wrong
    why = asked.lack or "there was no time left for the others"
    return NotCovered(f"only {asked.asked} of {asked.wanted} users asked: {why}")


def apart(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that no two turns have one id of a run (I10)."""
    if contract.chat is not None and contract.chat.run is None:
        return NotCovered("the contract does not say where the id of a run stands (chat.run)")
    unable = _unable(trace, contract, USERS)
    if unable is not None:
        return unable
    turns = [each for each in trace.all(TurnTaken) if each.run]
    owners: dict[str, list[TurnTaken]] = defaultdict(list)
    for turn in turns:
        owners[turn.run].append(turn)
    if not turns:
        return NotCovered("no turn came as far as to have a run")
    return [_shared(run, each) for run, each in owners.items() if len(each) > 1][:1]


def _shared(run: str, turns: Sequence[TurnTaken]) -> Finding:
    who = " and ".join(f"user {each.user} ({each.exercise})" for each in turns[:3])
    return Finding(
        subject="users",
        expected="each turn has a run of its own",
        observed=f"run {run} is that of {len(turns)} turns: {who}",
        at=turns[1].asked,
        look_at="where the id of a run is made, and what is keyed by it",
    )


def fairly(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that nobody waits for the first event while all others are served, again and again (I10).

    Time in which nobody is sent anything is nobody's advantage, and does not count. Users who are served one after the
    other wait for twice as long as usual at most, so that a queue is fair, however slow it is.
    """
    unable = _unable(trace, contract, USERS)
    if unable is not None:
        return unable
    turns = trace.all(TurnTaken, exercise=USERS)
    waits = {turn.user: wait for turn in turns if (wait := _wait(turn)) is not None}
    if len(waits) < LEAST_USERS:
        return NotCovered(f"only {len(waits)} users had to wait for anything; {LEAST_USERS} are needed to compare")
    still = list(_still(turns))
    counted = {user: wait - _within(still, wait) for user, wait in waits.items()}
    usual, slowest = median(counted.values()), max(counted, key=lambda user: counted[user])
    if counted[slowest] <= max(STARVED_SECONDS, STARVED_TIMES * usual):
        return []
    return [
        Finding(
            subject="users",
            expected=f"all users wait for their first event about as long as is usual: {usual:.2f} s",
            observed=f"user {slowest} waited for {waits[slowest]:.2f} s, while the others were served",
            at=turns[0].asked + waits[slowest],
            look_at="what serves one user before another: a lock or a queue that is not fair, a pool that is too small",
        )
    ]


def _wait(turn: TurnTaken) -> float | None:
    """Return how long a user waited for the first event, or in vain; None for who could not ask."""
    if turn.times:
        return turn.times[0]
    return turn.diverged if turn.diverged > 0 else None


def _still(turns: Iterable[TurnTaken]) -> Iterator[tuple[float, float]]:
    """Yield when nobody was sent anything, in seconds since the question."""
    moments = sorted(at for turn in turns for at in turn.times)
    for since, until in pairwise([0.0, *moments]):
        if until - since > STILL_SECONDS:
            yield since, until


def _within(still: Iterable[tuple[float, float]], wait: float) -> float:
    """Return for how long of a wait nobody was sent anything."""
    return sum(min(until, wait) - min(since, wait) for since, until in still)


def one_name(trace: Trace, contract: Contract, _: str) -> Verdict:
    """Judge that several who want one name at the same moment are told who has it (C3).

    One of them is served, none is answered by an error of the server; and where somebody who comes later is refused,
    one alone may have been accepted: two would be doubled.
    """
    unable = _unable(trace, contract, ONE_NAME, needed=False)
    if unable is not None:
        return unable
    raced = trace.all(NameRaced)
    if not raced:
        return NotCovered("there was no time left for it")
    if all(TOO_MANY in each.answers for each in raced if each.step == 1):
        return NotCovered("a rate limit kept them out: raise it in launch.env")
    found = [finding for race in raced for finding in _raced(race, contract)]
    return list({each.observed.partition(" in round")[0]: each for each in reversed(found)}.values())[::-1]


def _raced(race: NameRaced, contract: Contract) -> Iterator[Finding]:
    several = f"{race.request}, at once by {len(race.answers)} under one name"
    where = f" in round {race.round}"
    journey = contract.chat.journey if contract.chat is not None else ""
    broken = [each for each in (*race.answers, race.late) if each and _broken(each)]
    if broken:
        expected = f"{several}: one is served, and the others are told who has it"
        yield _finding(race, journey, expected, f"{broken[0]}, {len(broken)} times{where}")
    elif not race.accepted and not race.welcome and TOO_MANY not in race.answers:
        yield _finding(race, journey, f"{several}: one of them is served", f"{', '.join(race.answers)}{where}")
    refused = race.late.isdigit() and not race.welcome and race.late != TOO_MANY
    if refused and race.accepted > 1:
        expected = f"{several}: one alone, as whoever comes later is refused ({race.late})"
        yield _finding(race, journey, expected, f"{race.accepted} of them were accepted{where}")


def _finding(race: NameRaced, journey: str, expected: str, observed: str) -> Finding:
    return Finding(
        subject=journey,
        expected=expected,
        observed=observed,
        at=race.at,
        look_at=f"what {race.request} looks up before it writes: nothing but the database can keep a name apart",
    )


def _broken(answer: str) -> bool:
    """Whether a step was answered by an error of the server, or not at all; of steps which are no requests, no word."""
    return answer in {"timeout", "reset", "refused"} or (answer.isdigit() and int(answer) >= BROKEN)


# -- what several have in common ------------------------------------------------------------------------------------


def _unable(trace: Trace, contract: Contract, exercise: str, *, needed: bool = True) -> NotCovered | None:
    if contract.chat is None:
        return NotCovered("the contract declares no chat")
    if isinstance(contract.launch.app, Url):
        return NotCovered("it is up already, and for others as well")
    if trace.first(Ready) is None:
        return NotCovered("the boot never became ready")
    if not needed or trace.first(UsersAsked, exercise=exercise) is not None:
        return None
    return NotCovered(trace.why_untried(exercise, "there were no users in this boot"))


def _unprepared(trace: Trace, exercise: str) -> Iterator[Finding]:
    """Find that users could not make the journey: as often as one step was answered so, one finding."""
    asked = trace.first(UsersAsked, exercise=exercise)
    failed = [each for each in trace.all(JourneyStepped) if each.walker.startswith(f"{exercise}:") and each.problem]
    groups: dict[tuple[str, str], list[JourneyStepped]] = defaultdict(list)
    for each in failed:
        groups[each.request, each.answer].append(each)
    for (request, answer), group in groups.items():
        limited = answer == TOO_MANY
        yield Finding(
            subject=group[0].journey,
            expected=f"{request} is answered as the contract says, by each of {asked.wanted if asked else 0} users",
            observed=f"{len(group)} of them: {group[0].problem}",
            at=group[0].at,
            look_at="the rate limit: raise it in launch.env" if limited else "what the first users of all do at once",
        )


def _wrong(trace: Trace, exercise: str) -> Iterator[Finding]:
    """Find the turns that went wrong: of those about one event, the first to do so."""
    turns = trace.all(TurnTaken, exercise=exercise)
    groups: dict[str, list[TurnTaken]] = defaultdict(list)
    for turn in turns:
        if turn.about:
            groups[turn.about].append(turn)
    for about, group in groups.items():
        worst = min(group, key=lambda turn: turn.asked + turn.diverged)
        yield Finding(
            subject=about,
            expected=f"each of {len(turns)} users at once: {worst.expected}",
            observed=f"{len(group)} of them not; user {worst.user}: {worst.observed}, after {worst.diverged:.2f} s",
            at=worst.asked + worst.diverged,
            look_at="what users share who are served at the same time: a global, a lock, a pool, a cache",
            on_purpose="chat.first_within, max_gap and max_seconds hold for each of them; chat.users says how many",
        )
