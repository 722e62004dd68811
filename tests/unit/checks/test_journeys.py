"""Journeys: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import journeys
from pytest_startup.trace import Event, JourneyStepped

from .traces import READY, TARGET, Said, phase, said

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


WRONG = "a status from 200 to 299 was expected, not 401"
COMPLETES: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "made": ((READY, step(1), step(2)), CALM, []),
    "a step fails": ((READY, step(1), step(2, "401", WRONG)), CALM, [WRONG]),
    "another user fails": ((READY, step(1), step(1, "500", "x", walker="the second user")), CALM, ["x"]),
    "never ready": ((step(1),), CALM, "the boot never became ready"),
    "not made": ((READY,), CALM, "the journey was not made in this boot"),
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
