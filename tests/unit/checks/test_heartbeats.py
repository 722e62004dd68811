"""Heartbeats, and a dead peer: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import heartbeats
from pytest_startup.events.base import Event
from pytest_startup.events.connected import (
    ANSWERING,
    DEAD,
    HEARTBEAT,
    LATER,
    CompanyMissing,
    HeartbeatsHeard,
    PeersCounted,
    SentBesideDead,
)

from .traces import TARGET, UP, Check, Said, said

SOCKET = TARGET + '[[journeys]]\nname = "log-in"\nsteps = [{ post = "/login" }]\n[websocket]\njourney = "log-in"\n'
TOML = SOCKET + 'socket = "/ws"\n[websocket.heartbeat]\nevery = 1.0\nping = true\ndead_within = 3.0\n'
STRICT = TOML + "closes = [1001]\n"
CHECKS = [heartbeats.paced, heartbeats.keeps_living, heartbeats.finds_dead, heartbeats.unharmed]


def heard(who: str, *times: float, at: float = 9.0, ended: float = -1.0, how: str = "") -> HeartbeatsHeard:
    """Return what came to a socket since 3.0."""
    return HeartbeatsHeard(at=at, who=who, since=3.0, times=times, ended=ended, how=how)


def dead(ended: float, how: str = "closed 1001") -> HeartbeatsHeard:
    """Return the socket of the dead one."""
    return heard(DEAD, 4.0, 5.0, ended=ended, how=how)


def counted(when: Any, count: int, problem: str = "") -> PeersCounted:  # noqa: ANN401 - a word of two
    """Return a count of connections."""
    return PeersCounted(at=7.0, place="hub.count()", when=when, count=count, problem=problem)


def sent(when: Any = "before", **other: Any) -> SentBesideDead:  # noqa: ANN401 - a word of two; fields of an event
    """Return what was sent to the user of the dead one."""
    fields: dict[str, Any] = {"delivery": "news", "arrived": 1, "seconds": 0.1, "limit": 2.0, "problem": ""} | other
    return SentBesideDead(at=5.0, when=when, **fields)


GOOD = heard(ANSWERING, 4.0, 5.0, 6.0, 7.0, 8.0)

PACED: dict[str, tuple[tuple[Event, ...], Said]] = {
    "at their pace": ((GOOD,), []),
    "one of them late, and one lost": ((heard(ANSWERING, 4.0, 5.9, 8.0),), []),
    "no longer after somebody else has left": ((heard(ANSWERING, 4.0, 5.0),), ["none for 4.0 s; 2 in 6.0 s"]),
    "none for who comes later": ((GOOD, heard(LATER)), ["none for 6.0 s; 0 in 6.0 s"]),
    "only now and then": (
        (heard(ANSWERING, 5.9, 8.8, at=12.0), GOOD),
        ["none for 3.2 s; 2 in 9.0 s"],
    ),
    "none before it was thrown out": (
        (heard(ANSWERING, ended=5.5, how="closed 1001"),),
        ["none for 2.5 s; 0 in 2.5 s"],
    ),
    "from three tasks": (
        (heard(ANSWERING, *(3.3 + number / 3 for number in range(17))),),
        ["17 in 6.0 s"],
    ),
    "none for the dead one, who is gone": ((GOOD, heard(DEAD, ended=6.0, how="closed 1001")), []),
}


@pytest.mark.parametrize(("events", "expected"), PACED.values(), ids=PACED)
def test_paced(events: tuple[Event, ...], expected: Said):
    """Every living connection has heartbeats, about as often as is declared."""
    assert expected == said(heartbeats.paced, (*UP, *events), TOML)


LIVING: dict[str, tuple[tuple[Event, ...], Said]] = {
    "open to the end": ((GOOD, dead(6.0)), []),
    "thrown out": ((heard(ANSWERING, 4.0, ended=5.0, how="closed 1001"),), ["it was closed 1001 after 2.0 s"]),
    "lost, later": ((GOOD, heard(LATER, ended=3.5, how="closed 1006")), ["it was closed 1006 after 0.5 s"]),
}


@pytest.mark.parametrize(("events", "expected"), LIVING.values(), ids=LIVING)
def test_keeps_living(events: tuple[Event, ...], expected: Said):
    """Nobody who answers is thrown out."""
    assert expected == said(heartbeats.keeps_living, (*UP, *events), TOML)


FOUND: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "in time": ((dead(5.9),), TOML, []),
    "in time, by the code": ((dead(5.9),), STRICT, []),
    "in time, without a word": ((dead(5.9, "closed 1006"),), TOML, []),
    "in time, by another code": ((dead(5.9, "closed 1006"),), STRICT, ["closed 1006"]),
    "a moment late": ((dead(6.3),), TOML, []),
    "late": ((dead(6.8),), TOML, ["closed 1001 after 3.8 s"]),
    "never": ((dead(-1.0, ""),), STRICT, ["still open after 6.0 s"]),
    "and counted no more": ((dead(5.9), counted("before", 2), counted("after", 1)), TOML, []),
    "and still counted": ((dead(5.9), counted("before", 2), counted("after", 2)), TOML, ["2, as before"]),
    "and counted twice": ((dead(5.9), counted("before", 2), counted("after", 3)), TOML, ["3, after 2"]),
    "and nobody can count": (
        (dead(5.9), counted("before", 0, "raised KeyError"), counted("after", 0)),
        TOML,
        ["raised KeyError"],
    ),
    "nobody was dead": ((GOOD,), TOML, "nobody was dead in this boot"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), FOUND.values(), ids=FOUND)
def test_finds_dead(events: tuple[Event, ...], toml: str, expected: Said):
    """A dead connection is closed in time, as is declared, and counted no more."""
    assert expected == said(heartbeats.finds_dead, (*UP, *events), toml)


UNHARMED: dict[str, tuple[tuple[Event, ...], Said]] = {
    "at once, before and after": ((GOOD, sent(), sent("after")), []),
    "not at all": (
        (GOOD, sent(arrived=0)),
        ["not at all, while the dead one of the same user was open"],
    ),
    "late": ((GOOD, sent(seconds=2.5)), ["1 times, first after 2.5 s, while the dead one of the same user was open"]),
    "twice, afterwards": (
        (GOOD, sent(), sent("after", arrived=2)),
        ["2 times, first after 0.1 s, while the dead one of the same user was closed"],
    ),
    "raised": ((GOOD, sent(problem="RuntimeError: closed", arrived=0)), ["raised RuntimeError: closed"]),
    "nothing to send": (
        (GOOD,),
        "no delivery puts anything in for users who make the journey of the socket, as their recipient",
    ),
}


@pytest.mark.parametrize(("events", "expected"), UNHARMED.values(), ids=UNHARMED)
def test_unharmed(events: tuple[Event, ...], expected: Said):
    """The other connection of the same user gets what is sent to them."""
    assert expected == said(heartbeats.unharmed, (*UP, *events), TOML)


UNABLE: dict[str, tuple[tuple[Event, ...], str, str]] = {
    "nothing declared": (UP, TARGET, "the contract says nothing of heartbeats (websocket.heartbeat)"),
    "never ready": ((GOOD,), TOML, "the boot never became ready"),
    "not tried": (UP, TOML, "nobody listened for heartbeats in this boot"),
    "nobody there": (
        (*UP, CompanyMissing(at=3.0, exercise=HEARTBEAT, name="", reason="nobody could connect")),
        TOML,
        "nobody could connect",
    ),
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("events", "toml", "expected"), UNABLE.values(), ids=UNABLE)
def test_unable(check: Check, events: tuple[Event, ...], toml: str, expected: str):
    """What cannot be judged is not passed."""
    assert expected == said(check, events, toml)
