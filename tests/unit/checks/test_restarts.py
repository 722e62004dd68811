"""A restart while broadcasts go on: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import restarts
from pytest_startup.events.base import Event
from pytest_startup.events.connected import BROADCAST, RESTART, BroadcastsHeard, CompanyMissing, RestartTried

from .test_broadcasts import TOML, heard
from .traces import UP, Check, Said, said

CHECKS = [restarts.ends_cleanly, restarts.stays_whole, restarts.comes_back]
UP_ALREADY = TOML.replace('target = "app:app"', 'url = "http://127.0.0.1:1"')


def tried(**other: Any) -> RestartTried:  # noqa: ANN401 - fields of an event
    """Return the word that it was restarted, when 3 had been put in."""
    fields: dict[str, Any] = {"stopped": 4.0, "sent": 3, "ready": True, "observed": ""} | other
    return RestartTried(at=9.0, broadcast="all", **fields)


def until(*numbers: int, ended: str = "closed 1012", journey: str = "free") -> BroadcastsHeard:
    """Return what came to a socket until the stop."""
    return heard(journey, *numbers, part="stopping", ended=ended)


def again(*numbers: int, ended: str = "") -> BroadcastsHeard:
    """Return what came to a socket after the restart."""
    return heard("free", *numbers, part="again", ended=ended)


ENDS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "by good codes": ((until(), until(ended="closed 1001"), tried()), []),
    "without a close frame": (
        (until(), until(ended="closed 1006"), tried()),
        ["1 of 2: closed 1006, which is no close frame at all"],
    ),
    "by another code": ((until(ended="closed 1000"), tried()), ["1 of 1: closed 1000"]),
    "not at all": ((until(ended=""), tried()), ["1 of 1: still open"]),
}


@pytest.mark.parametrize(("events", "expected"), ENDS.values(), ids=ENDS)
def test_ends_cleanly(events: tuple[Event, ...], expected: Said):
    """Every socket is closed by a code that says why."""
    assert expected == said(restarts.ends_cleanly, (*UP, *events), TOML, "all")


WHOLE: dict[str, tuple[tuple[Event, ...], Said]] = {
    "all until the stop": ((until(1, 2, 3), tried()), []),
    "and further ones after it": ((until(1, 2, 3, 4, 6), tried()), []),
    "not the last ones": ((until(1, 2), tried()), []),
    "one twice": ((until(1, 2, 3, 4, 4), tried()), ["number 4 came 2 times"]),
    "one left out": ((until(1, 3), tried()), ["number 2 did not come, and number 3 did"]),
    "none": ((until(), tried()), ["none of 3 came"]),
}


@pytest.mark.parametrize(("events", "expected"), WHOLE.values(), ids=WHOLE)
def test_stays_whole(events: tuple[Event, ...], expected: Said):
    """Until it stops each one comes once, and none is left out."""
    assert expected == said(restarts.stays_whole, (*UP, *events), TOML, "all")


BACK: dict[str, tuple[tuple[Event, ...], Said]] = {
    "everybody": ((again(1, 2), again(2, 1), tried()), []),
    "not one of them": ((again(ended="denied 403"), again(1, 2), tried()), ["the socket was denied 403"]),
    "and gets one": ((again(1), tried()), ["of 1 and 2, these came: 1"]),
    "and gets nothing": ((again(), tried()), ["of 1 and 2, these came: none"]),
    "and gets one twice": ((again(1, 1, 2), tried()), ["of 1 and 2, these came: 1, 1, 2"]),
    "nobody, as it did not start": ((tried(ready=False, observed="it exited with 1"),), ["it exited with 1"]),
    "no time": ((tried(),), "nobody had the time to come back"),
}


@pytest.mark.parametrize(("events", "expected"), BACK.values(), ids=BACK)
def test_comes_back(events: tuple[Event, ...], expected: Said):
    """Everybody can connect again, and gets what is sent then."""
    assert expected == said(restarts.comes_back, (*UP, *events), TOML, "all")


def missing(exercise: str) -> CompanyMissing:
    """Return the word that nobody was there."""
    return CompanyMissing(at=3.0, exercise=exercise, name="all", reason="nobody could connect")


UNABLE: dict[str, tuple[tuple[Event, ...], str, str, str]] = {
    "another one": (UP, TOML, "some", "a restart is tried with the first broadcast of the contract alone"),
    "up already": (UP, UP_ALREADY, "all", "it is up already: nothing of ours starts it again"),
    "never ready": ((tried(),), TOML, "all", "the boot never became ready"),
    "not tried": (UP, TOML, "all", "there was no restart in this boot"),
    "nobody there": ((*UP, missing(RESTART)), TOML, "all", "nobody could connect"),
    "nobody there before": ((*UP, missing(BROADCAST)), TOML, "all", "nobody could connect"),
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("events", "toml", "name", "expected"), UNABLE.values(), ids=UNABLE)
def test_unable(check: Check, events: tuple[Event, ...], toml: str, name: str, expected: str):
    """What cannot be judged is not passed."""
    assert expected == said(check, events, toml, name)
