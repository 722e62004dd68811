"""Many users at once: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import users
from pytest_startup.events.base import Event
from pytest_startup.events.used import (
    FIRST_USERS,
    ONE_NAME,
    USERS,
    ExerciseBegan,
    JourneyStepped,
    NameRaced,
    TurnTaken,
    UsersAsked,
)

from .test_chat import CONTRACT, turn, wrong
from .traces import TARGET, UP, URL, Check, Said, said

TOML = TARGET + CONTRACT + 'run = "run"\n'


def asked(count: int, exercise: str = USERS, **other: Any) -> UsersAsked:  # noqa: ANN401 - fields of an event
    """Return the word that so many asked."""
    values: dict[str, Any] = {"wanted": count, "prepared": count, "asked": count, "began": 3.0} | other
    return UsersAsked(at=5.0, exercise=exercise, **values)


def good(user: int, exercise: str = USERS, **other: Any) -> TurnTaken:  # noqa: ANN401 - as above
    """Return a turn that went well."""
    return turn("began", "ended", exercise=exercise, user=user, **other)


def failed(user: int, answer: str, exercise: str) -> JourneyStepped:
    """Return a step of a user that was not answered well."""
    return JourneyStepped(
        at=3.0, journey="log-in", walker=f"{exercise}: user {user}", step=1, steps=1, request="POST /login",
        answer=answer, seconds=0.1, problem=f"200 was expected, not {answer}",
    )  # fmt: skip


def served(exercise: str) -> dict[str, tuple[tuple[Event, ...], Said]]:
    """Return the table which both exercises have."""
    lost = wrong("ended", "began", exercise=exercise, user=2)
    late = wrong("ended", "began", exercise=exercise, user=3, asked=2.9)
    crossed = wrong("began", exercise=exercise, user=4)
    observed = "1 of them not; user 2: noise came, after 0.50 s"
    two = "2 of them not; user 3: noise came, after 0.50 s"
    other = "1 of them not; user 4: noise came, after 0.50 s"
    return {
        "all": ((*UP, good(1, exercise), good(2, exercise), asked(2, exercise)), []),
        "but one": ((*UP, good(1, exercise), lost, asked(2, exercise)), [observed]),
        "but two of a sort, and one": ((*UP, lost, late, crossed, asked(4, exercise)), [two, other]),
        "but one who cannot log in": (
            (*UP, good(1, exercise), failed(2, "500", exercise), failed(3, "500", exercise), asked(3, exercise)),
            ["2 of them: 200 was expected, not 500"],
        ),
        "but one for whom there was no time": (
            (*UP, good(1, exercise), asked(2, exercise, prepared=1, asked=1)),
            "only 1 of 2 users asked: there was no time left for the others",
        ),
        "but those for whom our own process had no room": (
            (*UP, good(1, exercise), asked(3, exercise, asked=1, lack="this process may have 256 files open")),
            "only 1 of 3 users asked: this process may have 256 files open",
        ),
        "of another exercise": ((*UP, good(1), asked(1, "chat")), "there were no users in this boot"),
        "no time": ((*UP, ExerciseBegan(at=3.0, name=exercise)), "there was no time left for it"),
        "never ready": ((asked(2, exercise),), "the boot never became ready"),
    }


SERVED = [
    pytest.param(check, *row, id=f"{exercise}: {name}")
    for exercise, check in ((USERS, users.served), (FIRST_USERS, users.first))
    for name, row in served(exercise).items()
]


@pytest.mark.parametrize(("check", "events", "expected"), SERVED)
def test_served(check: Check, events: tuple[Event, ...], expected: Said):
    """Each user has a whole turn; those who have not are told of by what went wrong first."""
    assert expected == said(check, events, TOML)


def test_limited():
    """Who is kept out by a rate limit is told where to look."""
    events = (*UP, failed(1, "429", FIRST_USERS), asked(1, FIRST_USERS))
    assert ["1 of them: 200 was expected, not 429"] == said(users.first, events, TOML)


@pytest.mark.parametrize("check", [users.served, users.first, users.apart, users.fairly, users.one_name])
def test_up_already(check: Check):
    """Who is up for others as well has no crowd, and no names that are doubled."""
    assert said(check, UP, URL + CONTRACT + 'run = "run"\n') == "it is up already, and for others as well"


APART: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "each its own": ((*UP, good(1), good(2), asked(2)), TOML, []),
    "one for two": (
        (*UP, good(1, run="r"), good(2, run="r"), good(3), asked(3)),
        TOML,
        ["run r is that of 2 turns: user 1 (users) and user 2 (users)"],
    ),
    "one for a first and a later one": (
        (*UP, good(1, FIRST_USERS, run="r"), good(1, run="r"), asked(1)),
        TOML,
        ["run r is that of 2 turns: user 1 (first users) and user 1 (users)"],
    ),
    "none at all": (
        (*UP, wrong("began", exercise=USERS, run=""), asked(1)),
        TOML,
        "no turn came as far as to have a run",
    ),
    "not declared": (UP, TARGET + CONTRACT, "the contract does not say where the id of a run stands (chat.run)"),
    "no users": (UP, TOML, "there were no users in this boot"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), APART.values(), ids=APART)
def test_apart(events: tuple[Event, ...], toml: str, expected: Said):
    """A run belongs to one turn."""
    assert expected == said(users.apart, events, toml)


def waits(*first: float, until: float = 0.0) -> tuple[Event, ...]:
    """Return users whose first events come so late; all of them go on being sent something until the end."""
    turns = [
        good(number, times=(at, *(at + step / 20 for step in range(1, int((until - at) * 20)))))
        for number, at in enumerate(first, 1)
    ]
    return (*UP, *turns, asked(len(first)))


UNFAIR = "while the others were served"
FAIRLY: dict[str, tuple[tuple[Event, ...], Said]] = {
    "all the same": (waits(0.1, 0.1, 0.11, 0.1, 0.12), []),
    "a queue": (waits(*(0.3 * number for number in range(1, 11)), until=3.5), []),
    "one far behind, for moments": (waits(0.01, 0.01, 0.01, 0.01, 0.9, until=1.0), []),
    "one is starved": (waits(0.1, 0.1, 0.1, 0.1, 2.0, until=2.5), [f"user 5 waited for 2.00 s, {UNFAIR}"]),
    "everybody stood still": (waits(0.1, 0.1, 0.1, 0.1, 2.0), []),
    "one is starved for ever": (
        (*waits(0.1, 0.1, 0.1, 0.1, until=5.0), wrong("began", exercise=USERS, user=9, times=(), diverged=5.0)),
        [f"user 9 waited for 5.00 s, {UNFAIR}"],
    ),
    "one could not connect": (
        (*waits(0.1, 0.1, 0.1, 0.1, 0.1), wrong("began", exercise=USERS, user=9, times=(), diverged=0.0)), []
    ),
    "too few": (waits(0.1, 3.0, until=4.0), "only 2 users had to wait for anything; 5 are needed to compare"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), FAIRLY.values(), ids=FAIRLY)
def test_fairly(events: tuple[Event, ...], expected: Said):
    """Nobody waits much longer than is usual while others are served: a queue is fair, and so is a standstill."""
    turns = {id(each): each for each in events}.values()
    assert expected == said(users.fairly, tuple(turns), TOML)


def raced(*answers: str, late: str = "409", number: int = 1, accepted: int | None = None) -> NameRaced:
    """Return a round in which a name was raced for."""
    good_ones = sum(each.startswith("2") for each in answers) if accepted is None else accepted
    return NameRaced(
        at=3.0 + number, round=number, step=1, request="POST /register", answers=answers, accepted=good_ones, late=late,
        welcome=late.startswith("2"),
    )  # fmt: skip


RACED: dict[str, tuple[tuple[Event, ...], Said]] = {
    "one has it": ((*UP, raced("201", "409", "409")), []),
    "everybody has it": ((*UP, raced("200", "200", "200", late="200")), []),
    "two have it, and it is one": ((*UP, raced("201", "201", "409")), ["2 of them were accepted in round 1"]),
    "the others crash": ((*UP, raced("201", "500", "500")), ["500, 2 times in round 1"]),
    "the others are not answered": ((*UP, raced("201", "timeout")), ["timeout, 1 times in round 1"]),
    "they crash in every round": (
        (*UP, raced("201", "500"), raced("201", "500", number=2)), ["500, 1 times in round 1"]
    ),
    "nobody has it": ((*UP, raced("409", "409")), ["409, 409 in round 1"]),
    "nobody has it, and then somebody": ((*UP, raced("409", "409", late="201")), []),
    "whoever comes late comes too often": ((*UP, raced("201", "201", late="429")), []),
    "whoever comes late came not as far": ((*UP, raced("200", late="")), []),
    "a step which is no request": ((*UP, raced("[[1]]", late="[[1]]", accepted=1)), []),
    "a limit": ((*UP, raced("201", "409"), raced("429", "429", late="429", number=2)), []),
    "nothing but a limit": (
        (*UP, raced("429", "429", late="429")), "a rate limit kept them out: raise it in launch.env"
    ),
    "no time": ((*UP, ExerciseBegan(at=3.0, name=ONE_NAME)), "there was no time left for it"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), RACED.values(), ids=RACED)
def test_one_name(events: tuple[Event, ...], expected: Said):
    """Of several who want one name one has it, and the others are told so; where one alone may have it, one has."""
    assert expected == said(users.one_name, events, TOML)
