"""Deliveries: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import deliveries
from pytest_startup.events.base import Event
from pytest_startup.events.used import AbsentAddressed, DeliveryTried, ExerciseBegan

from .traces import READY, TARGET, UP, Said, line, said

JOURNEY = """
[[journeys]]
name = "log-in"
steps = [{ post = "/login", capture = { user_id = "id" } }]
[[deliveries]]
name = "events"
journey = "log-in"
socket = "/ws"
put = "app.send('{recipient}', '{nonce}')"
recipient = "{user_id}"
max_seconds = 1
"""
TELLS = JOURNEY + 'synthetic = ["test_*"]\nundeliverable = "Cannot deliver"\n'


def tried(user: str = "the first", **other: Any) -> DeliveryTried:  # noqa: ANN401 - fields of an event
    """Return a delivery that went well, unless told otherwise."""
    values: dict[str, Any] = {"arrived": 1, "strayed": 0, "seconds": 0.1, "problem": "", "returned": True} | other
    return DeliveryTried(at=3.0, delivery="events", user=user, **values)


def absent(pattern: str = "", raised: str = "", began: float = 4.0, *, returned: bool = True) -> AbsentAddressed:
    """Return an event for somebody who is not there, which took 100 ms."""
    values: dict[str, Any] = {"recipient": pattern or "ghost", "raised": raised, "began": began, "returned": returned}
    return AbsentAddressed(at=began + 0.1, delivery="events", pattern=pattern, **values)


BEGAN = ExerciseBegan(at=2.5, name="deliveries")
SECOND = tried("the second")
NO_TIME = "there was no time left for it"
HUNG = "the call did not return within 5 s"
OUTSIDE = "the application was watched from outside, where nothing can be put in"
ARRIVES: dict[str, tuple[tuple[Event, ...], Said]] = {
    "to both": ((*UP, tried(), SECOND), []),
    "to one alone": ((*UP, tried(), tried("the second", arrived=0)), ["it never came"]),
    "the wrong one gets it": ((*UP, tried(arrived=0, strayed=1)), ["it never came", "the other user got it"]),
    "both get it": ((*UP, tried(strayed=1)), ["the other user got it"]),
    "twice": ((*UP, tried(arrived=2)), ["it came 2 times"]),
    "late": ((*UP, tried(seconds=1.5)), ["it came after 1.50 s"]),
    "raises": (
        (*UP, tried(arrived=0, problem="putting it in raised KeyError: 7")),
        ["putting it in raised KeyError: 7"],
    ),
    "raises, and arrives all the same": ((*UP, tried(problem="putting it in raised KeyError: 7"), SECOND), []),
    "does not return": ((*UP, tried(arrived=0, returned=False)), [HUNG]),
    "does not return, and arrives all the same": ((*UP, tried(returned=False), SECOND), []),
    "the socket was closed": (
        (*UP, tried(arrived=0, problem="its socket was closed 1008")),
        ["its socket was closed 1008"],
    ),
    "no time for both": ((*UP, BEGAN), NO_TIME),
    "no time for the second": ((*UP, BEGAN, tried()), NO_TIME),
    "no time for the second, and the first is wrong": ((*UP, BEGAN, tried(arrived=2)), ["it came 2 times"]),
    "nobody could connect": ((*UP, tried("", arrived=0, problem="denied 403")), ["denied 403"]),
    "not tried": (UP, "it was not tried in this boot"),
    "never ready": ((tried(),), "the boot never became ready"),
    "from outside": ((READY,), OUTSIDE),
}


@pytest.mark.parametrize(("events", "expected"), ARRIVES.values(), ids=ARRIVES)
def test_arrives(events: tuple[Event, ...], expected: Said):
    """An event arrives at the socket of its user: in time, once, and nowhere else."""
    assert expected == said(deliveries.arrives, events, TARGET + JOURNEY, "events")


LOSS = line("WARNING Cannot deliver message", 4.05)
PASSES_OVER: dict[str, tuple[tuple[Event, ...], Said]] = {
    "silent": ((*UP, absent("test_*")), []),
    "noisy": ((*UP, absent("test_*"), LOSS), [LOSS.text]),
    "another line": ((*UP, absent("test_*"), line("sent", 4.05)), []),
    "raises": ((*UP, absent("test_*", "KeyError: 7")), ["it raised KeyError: 7"]),
    "does not return": ((*UP, absent("test_*", returned=False)), [HUNG]),
    "the line names another one": ((*UP, absent("test_*"), absent(began=3.0), line(LOSS.text + " ghost", 4.05)), []),
    "the line names both": (
        (*UP, absent("test_*"), absent(began=3.0), line(LOSS.text + " to test_*, not ghost", 4.05)),
        [LOSS.text + " to test_*, not ghost"],
    ),
    "no time": ((*UP, BEGAN, tried(), SECOND), NO_TIME),
    "nobody could connect": ((*UP, BEGAN, tried("", problem="denied 403")), "it was not tried: denied 403"),
    "the line of another time": ((*UP, absent("test_*"), absent(began=5.0), line(LOSS.text, 5.05)), []),
    "not tried": (UP, "it was not tried in this boot"),
    "from outside": ((READY,), OUTSIDE),
}


@pytest.mark.parametrize(("events", "expected"), PASSES_OVER.values(), ids=PASSES_OVER)
def test_passes_over(events: tuple[Event, ...], expected: Said):
    """Of an event for somebody whom nobody can be missing, nothing is said."""
    assert expected == said(deliveries.passes_over, events, TARGET + TELLS, "events:test_*")


TELLS_LOSSES: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "told": ((*UP, absent(), LOSS), TELLS, []),
    "raised": ((*UP, absent(raised="UnknownUser: ghost")), TELLS, []),
    "silent": ((*UP, absent()), TELLS, ["nothing: the event was lost, and nobody was told"]),
    "told of another one": (
        (*UP, absent("test_*", began=3.0), line(LOSS.text, 3.05), absent()),
        TELLS,
        ["nothing: the event was lost, and nobody was told"],
    ),
    "not declared": (
        (*UP, absent()),
        JOURNEY,
        "the contract does not say what is logged of an event that cannot be delivered",
    ),
    "does not return": ((*UP, absent(returned=False)), TELLS, [HUNG + ": the event was lost, and nobody was told"]),
    "does not return, and tells": ((*UP, absent(returned=False), LOSS), TELLS, []),
    "not tried": (UP, TELLS, "it was not tried in this boot"),
    "never ready": ((absent(),), TELLS, "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), TELLS_LOSSES.values(), ids=TELLS_LOSSES)
def test_tells_losses(events: tuple[Event, ...], toml: str, expected: Said):
    """Of an event for somebody real who is not there, the log tells, or the caller is told."""
    assert expected == said(deliveries.tells_losses, events, TARGET + toml, "events")
