"""Users who lose their connections and come back: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import returning
from pytest_startup.events.base import Event
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
from pytest_startup.events.used import ExerciseBegan

from .test_chat import CONTRACT
from .traces import TARGET, UP, URL, Check, Said, said

SOCKET = """
[websocket.reconnect]
put = "app.state.hub.send('{nonce}')"
[websocket.reconnect.backoff]
within = 1
attempts = 2
"""
TOML = TARGET + CONTRACT + SOCKET
BEGUN = ExerciseBegan(at=3.0, name=RETURNING)


def failed(part: str) -> ReturnFailed:
    """Return the word that somebody could not try a part."""
    return ReturnFailed(at=3.5, part=part, user="the first", problem="no socket: denied 403")


NOT_TRIED: dict[str, tuple[Check, str, str]] = {
    "turn": (returning.turn, "turn closed", "closed"),
    "queue": (returning.queue, "away closed", "closed"),
    "start": (returning.queue_after_start, "start", ""),
    "state": (returning.state, "state", "turn"),
    "storm": (returning.all_at_once, "storm", ""),
}


@pytest.mark.parametrize(("check", "part", "subject"), NOT_TRIED.values(), ids=NOT_TRIED)
def test_not_tried(check: Check, part: str, subject: str):
    """What was not tried is not judged, and it is said why."""
    assert said(check, UP, TARGET, subject).startswith("the contract does not say how a user comes back")  # type: ignore[union-attr]
    assert said(check, UP, URL + CONTRACT + SOCKET, subject) == "it is up already, and for others as well"
    assert said(check, (), TOML, subject) == "the boot never became ready"
    assert said(check, UP, TOML, subject) == "nobody came back in this boot"
    assert said(check, (*UP, BEGUN), TOML, subject) == "there was no time left for it"
    assert said(check, (*UP, BEGUN, failed(part)), TOML, subject) == "the first: no socket: denied 403"


def turned(*types: str, **other: Any) -> TurnResumed:  # noqa: ANN401 - fields of an event
    """Return a turn whose connection was lost after its first event."""
    values: dict[str, Any] = {
        "user": "one", "way": "closed", "seen": 1, "before": 1, "about": "", "expected": "", "observed": "",
        "resumed": False, "problem": "",
    } | other  # fmt: skip
    return TurnResumed(at=4.0, types=types, **values)


OVER_BEFORE = "every turn was over by the time at which the connection was gone"
BROKEN: dict[str, Any] = {
    "about": "ended",
    "expected": "ended after began",
    "observed": "nothing came",
    "resumed": True,
}
TURNS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "the rest came": ((turned("began", "ended"),), []),
    "the rest did not come": (
        (turned("began", "ended"), turned("began", **BROKEN)),
        ["nothing came; 1 events had come before, in 1 of 2 turns it was so"],
    ),
    "nobody let in": (
        (turned("began", problem="no socket: denied 403"), turned("began", "ended")),
        ["no socket: denied 403, for 1 users"],
    ),
    "over before": ((turned("began", "ended", before=2),), OVER_BEFORE),
    "one was over before": ((turned("began", "ended", before=2), turned("began", "ended")), []),
    "wrong before": (
        (turned(**{**BROKEN, "resumed": False}, before=0, problem="before the loss: nothing came"),),
        "the turn went wrong before the connection was lost: nothing came",
    ),
    "lost in another way": ((turned("began", "ended", way="reset"),), "nobody came back in this boot"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), TURNS.values(), ids=TURNS)
def test_turn(events: tuple[Event, ...], expected: Said):
    """The rest of a turn comes after the return; what went wrong before it is no matter of the return."""
    assert expected == said(returning.turn, (*UP, *events), TOML, "closed")


def queued(*came: int, **other: Any) -> QueueDelivered:  # noqa: ANN401 - as above
    """Return what came of three messages."""
    values: dict[str, Any] = {
        "user": "one", "when": "away", "way": "closed", "put": (1, 2, 3), "refused": (), "foreign": 0, "seconds": 0.1,
        "problem": "",
    } | other  # fmt: skip
    return QueueDelivered(at=4.0, came=came, **values)


FOUR = "number 4, number 1, number 5, number 6 came"
MISSING = "number 3 did not come, as for 1 of 1 users: number 1, number 2 came"
NONE = "number 1, number 2, number 3 did not come, as for 2 of 2 users: nothing came"
ALL = "number 1, number 2, number 3 came"
QUEUES: dict[str, tuple[tuple[Event, ...], Said]] = {
    "all came": ((queued(1, 2, 3), queued(1, 2, 3, when="turn")), []),
    "one is lost": (
        (queued(1, 3), queued(1, 2, 3)),
        ["number 2 did not come, as for 1 of 2 users: number 1, number 3 came"],
    ),
    "all are lost": (
        (queued(), queued()), [NONE]
    ),
    "in a turn": ((queued(1, 2, when="turn"),), [MISSING]),
    "one came twice": (
        (queued(1, 2, 2, 3),),
        ["number 2 came more than once, as for 1 of 1 users: number 1, number 2, number 2, number 3 came"],
    ),
    "one of before": (
        (queued(4, 1, 5, 6, put=(4, 5, 6)),),
        [f"number 1 came again, of an earlier time, as for 1 of 1 users: {FOUR}"],
    ),
    "the other way round": (
        (queued(3, 2, 1),),
        ["they came in another order, as for 1 of 1 users: number 3, number 2, number 1 came"],
    ),
    "those of others": ((queued(1, 2, 3, foreign=2),), [f"2 messages of others came, as for 1 of 1 users: {ALL}"]),
    "nobody let in": ((queued(problem="no socket: reset"),), ["no socket: reset, for 1 users"]),
    "one was refused": ((queued(1, 3, put=(1, 3), refused=("raised",)),), []),
    "all were refused": (
        (queued(put=(), refused=("ValueError: no", "ValueError: no")),),
        "no message could be put in: it raised ValueError: no",
    ),
    "of the first user": ((queued(1, when="start"),), "nobody came back in this boot"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), QUEUES.values(), ids=QUEUES)
def test_queue(events: tuple[Event, ...], expected: Said):
    """What was sent meanwhile comes: all of it, once, in its order, and nothing else."""
    assert expected == said(returning.queue, (*UP, *events), TOML, "closed")


def test_queue_after_start():
    """The first user of all is one alone."""
    assert [] == said(returning.queue_after_start, (*UP, queued(1, 2, 3, when="start"), queued(1)), TOML)
    (found,) = said(returning.queue_after_start, (*UP, queued(1, 2, when="start"), queued(1, 2, 3)), TOML)
    assert found.startswith("number 3 did not come, ")


def test_at_least_once():
    """What may come again counts once."""
    toml = TOML.replace("[websocket.reconnect]\n", '[websocket.reconnect]\nreplay = "at-least-once"\n', 1)
    assert [] == said(returning.queue, (*UP, queued(1, 2, 1, 3)), toml, "closed")
    assert [] == said(returning.all_at_once, (*UP, back(1, 1, 1, 2), over(1)), toml)


def kept(problem: str = "", before: str = "t-1", after: str = "t-1") -> StateKept:
    """Return what became of a thread."""
    found = {"kept": {"thread": before}, "found": {"thread": after}} if before else {"kept": {}, "found": {}}
    return StateKept(at=4.0, what="turn", way="closed", problem=problem, **found)  # type: ignore[arg-type]


STATES: dict[str, tuple[StateKept, Said]] = {
    "the same": (kept(), []),
    "another": (kept(after="t-2"), ["thread is t-2"]),
    "nothing to compare": (kept(before=""), []),
    "it does not work": (kept(problem="unknown thread"), ["unknown thread"]),
}


@pytest.mark.parametrize(("event", "expected"), STATES.values(), ids=STATES)
def test_state(event: StateKept, expected: Said):
    """What was taken before is the same afterwards, and works."""
    assert expected == said(returning.state, (*UP, event), TOML, "turn")


def back(user: int, *came: int, **other: Any) -> StormReturned:  # noqa: ANN401 - as above
    """Return one of many who came back."""
    values: dict[str, Any] = {"put": (1, 2), "foreign": 0, "seconds": 0.1, "answer": "accepted"} | other
    return StormReturned(at=5.0, user=user, came=came, **values)


def over(count: int, **other: Any) -> StormEnded:  # noqa: ANN401 - as above
    """Return the end of a storm of so many."""
    values: dict[str, Any] = {"wanted": count, "connected": count, "whole": True, "began": 4.5} | other
    return StormEnded(at=6.0, **values)


NO_TIME = "only 1 of 2 users came back: there was no time left for the others"
STORMS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "all of them": ((back(1, 1, 2), back(2, 1, 2), over(2)), []),
    "one gets nothing": (
        (back(1, 1, 2), back(2), over(2)),
        ["user 2: number 1, number 2 did not come, nothing came; 1 such users"],
    ),
    "one gets those of another": (
        (back(1, 1, 2, foreign=1), back(2, 1, 2), over(2)),
        ["user 1: 1 messages of others came, number 1, number 2 came; 1 such users"],
    ),
    "one is turned away": ((back(1, 1, 2), back(2, answer="denied 500"), over(2)), ["1 of them: denied 500"]),
    "one is turned away as declared": ((back(1, 1, 2), back(2, answer="denied 429"), over(2)), []),
    "all are turned away as declared": (
        (back(1, answer="closed 1013"), over(1)),
        "only 1 of 1 users came back: there was no time left for the others",
    ),
    "one could not connect before": ((back(1, 1, 2), over(2, connected=1)), ["1 of them were"]),
    "it ends": (
        (back(1, answer="reset"), over(1), Exited(at=4.8, code=-11, asked=False)),
        ["it ended (-11)", "1 of them: reset"],
    ),
    "it ended before": (
        (back(1, 1, 2), over(1), Exited(at=2.0, code=1, asked=False)), []
    ),
    "one is missing": (
        (back(1, 1, 2), over(2, whole=False), failed("storm")), "the first: no socket: denied 403"
    ),
    "no time": ((back(1, 1, 2), over(2, whole=False)), NO_TIME),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), STORMS.values(), ids=STORMS)
def test_storm(events: tuple[Event, ...], expected: Said):
    """Each of many gets what is its own, and stays."""
    assert expected == said(returning.all_at_once, (*UP, *events), TOML)
