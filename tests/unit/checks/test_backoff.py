"""Who comes back too often: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import backoff
from pytest_startup.events.base import Event
from pytest_startup.events.returning import RETURNING, CameAgain, ReturnFailed
from pytest_startup.events.used import ExerciseBegan

from .test_chat import CONTRACT
from .traces import TARGET, UP, URL, Check, Said, said

SOCKET = """
[websocket.reconnect.backoff]
within = 10
attempts = 5
"""
PAUSE = 'pause = "header:Retry-After"\n'
TOML = TARGET + CONTRACT + SOCKET + PAUSE
BEGUN = ExerciseBegan(at=3.0, name=RETURNING)


def came(when: str, answer: str = "denied 429", pause: float = 1.0, **other: Any) -> CameAgain:  # noqa: ANN401
    """Return how somebody was answered."""
    values: dict[str, Any] = {"number": 6 if when == "often" else 1, "seconds": 0.5, "at": 4.0} | other
    return CameAgain(when=when, answer=answer, pause=pause, **values)  # type: ignore[arg-type]


OFTEN, EARLY = came("often"), came("early", pause=2.0, at=4.2)
LET_IN = came("waited", "accepted", -1.0, at=6.0)
REFUSED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "as declared": ((OFTEN, EARLY, OFTEN, LET_IN), TOML, []),
    "closed": ((came("often", "closed 1013"), EARLY), TOML, []),
    "without a pause": ((came("often", pause=-1.0), came("early", pause=-1.0)), TARGET + CONTRACT + SOCKET, []),
    "never": ((came("often", "accepted", -1.0, number=15),), TOML, ["the connection number 15 was accepted"]),
    "never, slowly": (
        (came("often", "accepted", -1.0, number=15, seconds=11.0),), TOML, "15 connections took 11.0 s, more than 10 s"
    ),
    "in another way": ((came("often", "denied 500"),), TOML, ["denied 500 (the connection number 6)"]),
    "too early": ((came("often", number=5),), TOML, ["denied 429 at the connection number 5"]),
    "untold": ((came("often", pause=-1.0),), TOML, ["denied 429 without it"]),
    "let in before": ((OFTEN, came("early", "accepted", -1.0, at=4.2)), TOML, ["the next connection was accepted"]),
    "let in when it was over": ((OFTEN, came("early", "accepted", -1.0, at=5.1)), TOML, []),
    "it does not grow": ((OFTEN, came("early", at=4.2)), TOML, ["1 s was told then"]),
    "nothing told then": ((OFTEN, came("early", pause=-1.0, at=4.2)), TOML, ["nothing was told then"]),
    "it need not grow": ((OFTEN, came("early", at=4.2)), TOML + "grows = false\n", []),
}  # fmt: skip


@pytest.mark.parametrize(("events", "toml", "expected"), REFUSED.values(), ids=REFUSED)
def test_refuses(events: tuple[Event, ...], toml: str, expected: Said):
    """Who comes too often is refused as declared, and for longer when it is too early."""
    assert expected == said(backoff.refuses, (*UP, *events), toml)


ENDS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "let in": ((OFTEN, LET_IN), TOML, []),
    "refused": ((OFTEN, came("waited", at=6.0)), TOML, ["denied 429"]),
    "too long": ((came("often", pause=60.0),), TOML, "a pause of 60 s is more than can be waited for"),
    "untold": ((came("often", pause=-1.0),), TOML, "no pause was told"),
    "undeclared": (
        (OFTEN,), TARGET + CONTRACT + SOCKET,
        "the contract does not say where the pause is told (websocket.reconnect.backoff.pause)",
    ),
    "never refused": ((came("often", "accepted", -1.0),), TOML, "nobody was refused, however often"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "toml", "expected"), ENDS.values(), ids=ENDS)
def test_ends(events: tuple[Event, ...], toml: str, expected: Said):
    """Who has waited is let in."""
    assert expected == said(backoff.ends, (*UP, *events), toml)


def test_spares_others():
    """Somebody else is let in."""
    assert [] == said(backoff.spares_others, (*UP, OFTEN, came("other", "accepted", -1.0)), TOML)
    assert ["denied 429"] == said(backoff.spares_others, (*UP, OFTEN, came("other")), TOML)
    assert "nobody was refused, however often" == said(backoff.spares_others, (*UP, came("often", "accepted")), TOML)


@pytest.mark.parametrize("check", [backoff.refuses, backoff.ends, backoff.spares_others])
def test_not_tried(check: Check):
    """What was not tried is not judged, and it is said why."""
    failed = ReturnFailed(at=3.5, part="backoff", user="the first", problem="no socket: denied 403")
    assert said(check, UP, TARGET) == "the contract does not say what happens to who comes back too often"
    assert said(check, UP, URL + CONTRACT + SOCKET) == "it is up already, and for others as well"
    assert said(check, (), TOML) == "the boot never became ready"
    assert said(check, UP, TOML) == "nobody came back in this boot"
    assert said(check, (*UP, BEGUN), TOML) == "there was no time left for it"
    assert said(check, (*UP, BEGUN, failed), TOML) == "the first: no socket: denied 403"
