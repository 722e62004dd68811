"""Journeys: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import journeys
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.used import ExerciseBegan, JourneyStepped
from pytest_startup.findings import NotCovered
from pytest_startup.trace import Trace

from .traces import READY, TARGET, URL, Said, phase, said

CALM = """
[[journeys]]
name = "log-in"
steps = [{ post = "/login" }, { get = "/me" }]
"""
DISTURBED = """
[[phases]]
name = "cache"
callable = "app:cache"
[[journeys]]
name = "log-in"
steps = [{ get = "/me" }]
[journeys.disturbance]
phase = "cache"
steps = [{ post = "/keys/rotate" }, { post = "/keys/drop" }]
"""


def step(number: int, answer: str = "200", problem: str = "", **other: Any) -> JourneyStepped:  # noqa: ANN401 - fields
    """Return a step of a user."""
    values: dict[str, Any] = {"at": 2.0 + number / 10, "walker": "a user", "steps": 2, "request": "GET /me"} | other
    return JourneyStepped(journey="log-in", step=number, answer=answer, seconds=0.01, problem=problem, **values)


def disturbed(number: int, problem: str = "") -> JourneyStepped:
    """Return a step of the disturbance."""
    return step(number, "200", problem, at=0.5, walker="the disturbance", request="POST /keys")


NO_TIME = "there was no time left for it"
WRONG = "a status from 200 to 299 was expected, not 401"
COMPLETES: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "made": ((READY, step(1), step(2)), CALM, []),
    "a step fails": ((READY, step(1), step(2, "401", WRONG)), CALM, [WRONG]),
    "another user fails": ((READY, step(1), step(1, "500", "x", walker="the second user")), CALM, ["x"]),
    "never ready": ((step(1),), CALM, "the boot never became ready"),
    "not made": ((READY,), CALM, "the journey was not made in this boot"),
    "no time for it": ((READY, ExerciseBegan(at=2.0, name="journeys")), CALM, NO_TIME),
    "no time for the last step": ((READY, step(1)), CALM, NO_TIME),
    "by another user alone": ((READY, step(1, walker="the first user"), step(2, walker="the first user")), CALM, []),
    "half by one user, half by another": ((READY, step(1), step(2, walker="the first user")), CALM, NO_TIME),
    "disturbed too late": (
        (*phase("cache", 0.3, 0.4), disturbed(1), disturbed(2), READY, step(1)),
        DISTURBED,
        "it was disturbed only after cache had ended",
    ),
    "disturbed": ((*phase("cache", 0.4, 0.6), disturbed(1), disturbed(2), READY, step(1)), DISTURBED, []),
    "disturbed, and fails": (
        (*phase("cache", 0.4, 0.6), disturbed(1), disturbed(2), READY, step(1, "401", WRONG)),
        DISTURBED,
        [WRONG],
    ),
    "the disturbance itself fails": (
        (*phase("cache", 0.4, 0.6), disturbed(1, "refused"), READY, step(1)),
        DISTURBED,
        "it could not be disturbed: POST /keys: refused",
    ),
    "its phase never began": ((READY, step(1)), DISTURBED, "it was not disturbed: the phase cache never began"),
    "half of the disturbance": (
        (*phase("cache", 0.4, 0.6), disturbed(1), READY, step(1)),
        DISTURBED,
        "it was not disturbed while cache ran",
    ),
}


@pytest.mark.parametrize(("events", "toml", "expected"), COMPLETES.values(), ids=COMPLETES)
def test_completes(events: tuple[Event, ...], toml: str, expected: Said):
    """Every step has to be answered as declared, and what should disturb has to have happened."""
    assert expected == said(journeys.completes, events, TARGET + toml, "log-in")


STEPS = """
[services.redis]
[[journeys]]
name = "log-in"
steps = [{ get = "/me" }, { %s }]
"""
CALL, KEY = 'call = "app.state.cache.get(1)"', 'redis = ["GET", "a"]'
COMMAND = TARGET.replace('target = "app:app"', 'command = "serve {port}"')
UNSEEN: dict[str, tuple[str, str, Said]] = {
    "a call": (TARGET, CALL, []),
    "a key": (TARGET, KEY, []),
    "a key, of a command": (COMMAND, KEY, []),
    "a call, of a command": (
        COMMAND,
        CALL,
        "step 2 calls app.state.cache.get(1), and nothing can be called within an application so started",
    ),
    "a key of somebody else": (
        URL,
        KEY,
        "step 2 asks a service of ours, and an application that is up already has its own",
    ),
}


@pytest.mark.parametrize(("launch", "step_two", "expected"), UNSEEN.values(), ids=UNSEEN)
def test_what_cannot_be_asked(launch: str, step_two: str, expected: Said):
    """A journey which needs what cannot be reached is not judged, with the reason."""
    toml = launch + STEPS % step_two
    verdict = journeys.completes(Trace.of((READY, step(1), step(2))), reader.parse(toml, None), "log-in")
    assert expected == (verdict.reason if isinstance(verdict, NotCovered) else verdict)


def test_too_many():
    """Who is turned away by a limit is shown who may have used it up."""
    trace = Trace.of((READY, step(1, "429", WRONG)))
    verdict = journeys.completes(trace, reader.parse(TARGET + CALM, None), "log-in")
    assert isinstance(verdict, list)
    assert "traffic.first_requests" in verdict[0].look_at
