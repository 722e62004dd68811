"""Many upgrades at once: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import upgrades
from pytest_startup.events.base import Event
from pytest_startup.events.connected import UPGRADES, CompanyMissing, ServedAfterwards, UpgradesTried

from .test_heartbeats import SOCKET, counted
from .traces import TARGET, UP, Check, Said, said

OPEN = SOCKET + 'socket = "/ws"\nupgrades = { at_once = 9 }\n'
LIMITED = OPEN.replace("at_once = 9", "at_once = 9, refused = [503, 1013]")


def tried(number: int = 1, **answers: int) -> UpgradesTried:
    """Return a round with so many of each answer; `_` stands for a space."""
    said_ = {answer.replace("_", " "): count for answer, count in answers.items()}
    return UpgradesTried(at=4.0, round=number, wanted=9, answers=said_, longest=1.5)


AT_ONCE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all accepted": ((tried(kept=9), tried(2, kept=9)), OPEN, []),
    "some refused as is declared": ((tried(kept=4, denied_503=3, closed_1013=2),), LIMITED, []),
    "some refused": ((tried(kept=8, denied_503=1),), OPEN, ["1 x denied 503, in round 1; the longest took 1.5 s"]),
    "some refused otherwise": (
        (tried(kept=9), tried(2, kept=4, closed_1011=2, reset=3)),
        LIMITED,
        ["2 x closed 1011, 3 x reset, in round 2; the longest took 1.5 s"],
    ),
    "some without an answer": (
        (tried(kept=8, timeout=1),),
        LIMITED,
        ["1 x timeout, in round 1; the longest took 1.5 s"],
    ),
    "all refused": ((tried(denied_503=9), tried(2, denied_503=9)), LIMITED, ["none was, in 2 rounds"]),
}


@pytest.mark.parametrize(("events", "toml", "expected"), AT_ONCE.values(), ids=AT_ONCE)
def test_answered(events: tuple[Event, ...], toml: str, expected: Said):
    """Each is accepted, or refused as is declared."""
    assert expected == said(upgrades.answered, (*UP, *events), toml)


def served(problem: str = "") -> ServedAfterwards:
    """Return what became of somebody who came afterwards."""
    return ServedAfterwards(at=6.0, seconds=0.2, problem=problem)


RECOVERS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "served": ((tried(kept=9), served()), []),
    "not served": ((tried(kept=9), served("closed 1013")), ["closed 1013"]),
    "counted no more": ((tried(kept=9), counted("before", 1), counted("after", 1), served()), []),
    "counted still": ((tried(kept=9), counted("before", 1), counted("after", 4), served()), ["4"]),
    "not counted": (
        (tried(kept=9), counted("before", 0), counted("after", 0, "raised KeyError"), served()),
        ["raised KeyError"],
    ),
    "no time": ((tried(kept=9),), "there was no time left for it"),
}


@pytest.mark.parametrize(("events", "expected"), RECOVERS.values(), ids=RECOVERS)
def test_recovers(events: tuple[Event, ...], expected: Said):
    """Somebody is served afterwards, and nobody is counted who has left."""
    assert expected == said(upgrades.recovers, (*UP, *events), OPEN)


UNABLE: dict[str, tuple[tuple[Event, ...], str, str]] = {
    "nothing declared": (UP, TARGET, "the contract does not say how many may come at once (websocket.upgrades)"),
    "up already": (
        UP,
        OPEN.replace('target = "app:app"', 'url = "http://127.0.0.1:1"'),
        "it is up already, and for others as well",
    ),
    "never ready": ((tried(kept=9),), OPEN, "the boot never became ready"),
    "no time": (UP, OPEN, "there was no time left for it"),
    "nobody there": (
        (*UP, CompanyMissing(at=3.0, exercise=UPGRADES, name="", reason="nobody could log in")),
        OPEN,
        "nobody could log in",
    ),
}


@pytest.mark.parametrize("check", [upgrades.answered, upgrades.recovers])
@pytest.mark.parametrize(("events", "toml", "expected"), UNABLE.values(), ids=UNABLE)
def test_unable(check: Check, events: tuple[Event, ...], toml: str, expected: str):
    """What cannot be judged is not passed."""
    assert expected == said(check, events, toml)
