"""The connections of users: by traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.checks import connections
from pytest_startup.events.base import Event
from pytest_startup.events.sockets import (
    ConnectionsCounted,
    ConnectionsLimited,
    ManagersCompared,
    PartNotTried,
    SocketEnded,
    SocketsRested,
)
from pytest_startup.events.used import ExerciseBegan, JourneyStepped

from .traces import READY, TARGET, Said, said

HEAD = f"""{TARGET}
[[journeys]]
name = "log-in"
steps = [{{ post = "/login", capture = {{ user_id = "id" }} }}]
[websocket]
journey = "log-in"
socket = "/ws"
"""
COUNTED = HEAD + "connections = \"app.state.count('{user_id}')\"\n"
LIMIT = HEAD + "[websocket.limit]\nconnections = 2\n"
SHARED = LIMIT + 'per = "all"\n'
FACTORY = HEAD + '[websocket.factory]\nmake = "app.state.of(\'{user_id}\')"\nown = ["buffer"]\n'
FRESH = FACTORY + 'per = "request"\n'
BEGAN = ExerciseBegan(at=2.1, name="sockets")
FAILED = JourneyStepped(
    at=2.2,
    journey="log-in",
    walker="a user of sockets 3",
    step=1,
    steps=1,
    request="POST /login",
    answer="500",
    seconds=0.1,
    problem="200 was expected",
)
NO_JOURNEY = "the journey of a user of sockets 3 failed: POST /login: 200 was expected"

RESTED = SocketsRested(at=3.0, round=1, moment="all had come", opened=18, lost=(), strayed=())
EMPTY = replace(RESTED, opened=0)
LOST = replace(RESTED, lost=("user 1: closed 1006", "user 2: no pong", "user 3: reset", "user 4: reset"))
STRAYED = replace(RESTED, strayed=("user 2's at user 1: {}",))

GATHERING: dict[str, tuple[tuple[Event, ...], Said]] = {
    "all live": ((READY, RESTED, EMPTY), []),
    "some do not": ((READY, LOST), ["4 do not: user 1: closed 1006, user 2: no pong, user 3: reset and 1 more"]),
    "something is another user's": ((READY, STRAYED), ["user 2's at user 1: {}"]),
    "nobody came": ((READY, EMPTY), "no socket was opened"),
    "never ready": ((BEGAN,), "the boot never became ready"),
    "no time": ((READY, BEGAN), "there was no time left for it"),
    "another boot": ((READY,), "no sockets were tried in this boot"),
    "nobody could log in": ((READY, BEGAN, FAILED), NO_JOURNEY),
    "there is no room": (
        (READY, BEGAN, PartNotTried(at=3.0, part="gathering", reason="no room")),
        "no room",
    ),
}

PLACE = "app.state.count('{user_id}')"
RIGHT = ConnectionsCounted(
    at=3.0, place=PLACE, round=1, moment="all had come", user="user 1", expected=3, count=3, seconds=0.1, problem=""
)
TOO_FEW = replace(RIGHT, count=1, seconds=3.0)
TOO_MANY = replace(RIGHT, moment="all had left", user="", expected=0, count=2, seconds=3.0)
UNSEEN = replace(RIGHT, count=-1, problem="raised AttributeError: of")

COUNTS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "right": ((READY, RIGHT, replace(RIGHT, user="user 2")), []),
    "too few": ((READY, RIGHT, TOO_FEW), ["1, 3.0 s later"]),
    "too many": ((READY, TOO_MANY), ["2, 3.0 s later"]),
    "once it was not there": ((READY, RIGHT, UNSEEN), ["raised AttributeError: of"]),
    "never there": ((READY, UNSEEN), f"{PLACE} could not be counted: raised AttributeError: of"),
    "not tried": ((READY,), "no sockets were tried in this boot"),
}

END = SocketEnded(
    at=3.0,
    end="reset",
    measure="count",
    before=1,
    during=2,
    after=1,
    seconds=0.1,
    answer="",
    witness="",
    problem="",
)
ENDS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "gone": ((READY, END), []),
    "answered": ((READY, replace(END, answer="closed 1000")), []),
    "answered without a code": ((READY, replace(END, answer="closed 1005")), []),
    "fewer than before": ((READY, replace(END, after=0)), []),
    "still there": ((READY, replace(END, after=2, seconds=3.0)), ["2 still, after 3.0 s"]),
    "not answered": ((READY, replace(END, answer="closed 1006")), ["closed 1006"]),
    "answered by silence": ((READY, replace(END, answer="timeout")), ["timeout"]),
    "another one ended as well": ((READY, replace(END, witness="closed 1011")), ["closed 1011"]),
    "nobody could look": (
        (READY, replace(END, before=-1, during=-1, after=-1, problem="nobody")),
        "what is left of it could not be counted: nobody",
    ),
    "nobody could look, and another one ended": ((READY, replace(END, problem="nobody", witness="reset")), ["reset"]),
    "it does not count": ((READY, replace(END, during=1)), "count did not change with the connection: 1"),
    "not tried": ((READY, BEGAN), "there was no time left for it"),
}

LIMITED = ConnectionsLimited(at=3.0, allowed=2, early=(), beyond="closed 1013", lost=(), other="kept", again="kept")
LIMITS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "holds": ((READY, LIMITED), []),
    "refused at the upgrade": ((READY, replace(LIMITED, beyond="denied 429")), []),
    "not refused": ((READY, replace(LIMITED, beyond="kept", again="")), ["kept"]),
    "refused by an error": ((READY, replace(LIMITED, beyond="closed 1011")), ["closed 1011"]),
    "refused by silence": ((READY, replace(LIMITED, beyond="timeout")), ["timeout"]),
    "too early": ((READY, replace(LIMITED, early=("closed 1013",))), ["closed 1013"]),
    "others are closed": ((READY, replace(LIMITED, lost=("closed 1013",))), ["closed 1013"]),
    "a place is not free again": ((READY, replace(LIMITED, again="closed 1013")), ["closed 1013"]),
    "another user is no matter of it": ((READY, replace(LIMITED, other="closed 1013")), []),
    "not tried": ((READY,), "no sockets were tried in this boot"),
}
OTHERS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "let in": ((READY, LIMITED), LIMIT, []),
    "kept out": ((READY, replace(LIMITED, other="closed 1013")), LIMIT, ["closed 1013"]),
    "all share it": (
        (READY, replace(LIMITED, other="")),
        SHARED,
        "websocket.limit.per says that all users share the limit",
    ),
    "not tried": ((READY,), LIMIT, "no sockets were tried in this boot"),
}

OWN = ManagersCompared(at=3.0, path="", type="Manager", same=True, shared=False, plain=False, problem="")
BUFFER = replace(OWN, path="buffer", type="deque")
SAME = "app.state.of('{user_id}')"
MANAGERS: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "to each their own": ((READY, OWN), FACTORY, "", []),
    "one for all": ((READY, replace(OWN, shared=True)), FACTORY, "", ["both have the same Manager"]),
    "another each time": ((READY, replace(OWN, same=False)), FACTORY, "", ["another Manager each time"]),
    "another each time, as declared": ((READY, replace(OWN, same=False)), FRESH, "", []),
    "declared so, and one for all": ((READY, replace(OWN, shared=True)), FRESH, "", ["both have the same Manager"]),
    "a buffer of their own": ((READY, BUFFER), FACTORY, "buffer", []),
    "a buffer for all": ((READY, replace(BUFFER, shared=True)), FACTORY, "buffer", ["both have the same deque"]),
    "a copy each time": (
        (READY, replace(BUFFER, same=False)),
        FACTORY,
        "buffer",
        f"{SAME}.buffer gives another object each time, so that nothing can be told by it",
    ),
    "a number": (
        (READY, replace(BUFFER, plain=True, shared=True, type="int")),
        FACTORY,
        "buffer",
        f"{SAME}.buffer is a value (int), which nobody could share",
    ),
    "it is not there": ((READY, replace(BUFFER, problem="raised KeyError")), FACTORY, "buffer", ["raised KeyError"]),
    "not tried": ((READY, BEGAN), FACTORY, "", "there was no time left for it"),
}


@pytest.mark.parametrize(("events", "expected"), GATHERING.values(), ids=GATHERING)
def test_gathering(events: tuple[Event, ...], expected: Said):
    """Every socket serves its user, and nobody else, while many come and go."""
    assert said(connections.gathering, events, HEAD, "socket") == expected


@pytest.mark.parametrize(("events", "expected"), COUNTS.values(), ids=COUNTS)
def test_counted(events: tuple[Event, ...], expected: Said):
    """The number of connections is right at each rest."""
    assert said(connections.counted, events, COUNTED, PLACE) == expected


@pytest.mark.parametrize(("events", "expected"), ENDS.values(), ids=ENDS)
def test_ended(events: tuple[Event, ...], expected: Said):
    """Nothing is left of a connection that has ended, and others go on."""
    assert said(connections.ended, events, HEAD, "reset") == expected


@pytest.mark.parametrize(("events", "expected"), LIMITS.values(), ids=LIMITS)
def test_limited(events: tuple[Event, ...], expected: Said):
    """One connection too many is refused, the others live, and a place which is left is free."""
    assert said(connections.limited, events, LIMIT) == expected


@pytest.mark.parametrize(("events", "toml", "expected"), OTHERS.values(), ids=OTHERS)
def test_limited_each(events: tuple[Event, ...], toml: str, expected: Said):
    """Another user is let in while one is at the limit."""
    assert said(connections.limited_each, events, toml) == expected


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), MANAGERS.values(), ids=MANAGERS)
def test_isolated(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """Two users are given objects of their own."""
    assert said(connections.isolated, events, toml, subject) == expected
