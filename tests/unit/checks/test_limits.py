"""Rate limits: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import limits
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import LimitReached, NotTried
from pytest_startup.events.used import ExerciseBegan

from .traces import READY, TARGET, Said, said

USERS = """
[[journeys]]
name = "log-in"
steps = [{ post = "/login" }]
[[limits]]
name = "all"
journey = "log-in"
request = { get = "/me" }
allowed = 10
per = "user"
"""
DATED = USERS + "retry_after = true\n"
ADDRESSES = USERS.replace('per = "user"', "")


def reached(answers: dict[str, int] | None = None, **other: Any) -> LimitReached:  # noqa: ANN401 - fields of an event
    """Return what came of asking too often; all is well unless told otherwise."""
    found = {"200": 10, "429": 4} if answers is None else answers
    values: dict[str, Any] = {"attempt": 1, "seconds": 0.1, "within": 9, "early": 0, "beyond": 3, "other": "200"}
    counted = {"sent": sum(found.values()), "refused": found.get("429", 0), "dated": found.get("429", 0)}
    return LimitReached(at=3.0, limit="all", answers=found, **{**values, **counted, **other})


MANY = USERS.replace("allowed = 10", "allowed = 600")
ONE_ERROR = "602 x 200, 1 x 500"
UNREFUSED = reached({"200": 14})
HOLDS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "kept": ((READY, reached()), USERS, []),
    "never refused": ((READY, UNREFUSED), USERS, ["none of 14 within 0.1 s was: 14 x 200"]),
    "kept when tried again": ((READY, UNREFUSED, reached(attempt=2)), USERS, []),
    "refilled meanwhile": (
        (READY, reached({"200": 603}, seconds=3.1)),
        MANY,
        "it refills as quickly as we could ask: 603 requests in 3.1 s are no more than a bucket allows",
    ),
    "refilled meanwhile, with an error": ((READY, reached({"200": 602, "500": 1}, seconds=3.1)), MANY, [ONE_ERROR]),
    "more than it is refilled": (
        (READY, reached({"200": 634}, seconds=3.1)),
        MANY,
        ["none of 634 within 3.1 s was: 634 x 200"],
    ),
    "too early": ((READY, reached(early=2)), USERS, ["2 of them were refused"]),
    "an error": ((READY, reached({"200": 10, "429": 3, "500": 1})), USERS, ["10 x 200, 3 x 429, 1 x 500"]),
    "errors alone": (
        (READY, reached({"200": 10, "500": 4})),
        USERS,
        ["none of 14 within 0.1 s was: 10 x 200, 4 x 500", "10 x 200, 4 x 500"],
    ),
    "undated, and that is fine": ((READY, reached(dated=0)), USERS, []),
    "undated": ((READY, reached(dated=1)), DATED, ["3 of 4 do not"]),
    "the journey failed": (
        (READY, NotTried(at=2.5, sort="limit", name="all", reason="the journey log-in failed")),
        USERS,
        "the journey log-in failed",
    ),
    "no time": ((READY, ExerciseBegan(at=2.1, name="keeping out")), USERS, "there was no time left for it"),
    "another boot": ((READY,), USERS, "no limit was tried in this boot"),
    "never ready": ((), USERS, "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), HOLDS.values(), ids=HOLDS)
def test_holds(events: tuple[Event, ...], toml: str, expected: Said):
    """What the limit allows is served, what is beyond it refused, and nothing fails."""
    assert expected == said(limits.holds, events, TARGET + toml, "all")


COUNTS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "served": ((READY, reached()), USERS, []),
    "refused as well": ((READY, reached(other="429")), USERS, ["429"]),
    "not reached": ((READY, UNREFUSED), USERS, "the limit was not reached"),
    "by address": ((READY, reached()), ADDRESSES, "limits.all.per does not say that users count each for themselves"),
    "another boot": ((READY,), USERS, "no limit was tried in this boot"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), COUNTS.values(), ids=COUNTS)
def test_counts_each_user(events: tuple[Event, ...], toml: str, expected: Said):
    """One user beyond the limit is no matter of another's."""
    assert expected == said(limits.counts_each_user, events, TARGET + toml, "all")
