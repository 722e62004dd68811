"""Services: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import services
from pytest_startup.events.base import Event
from pytest_startup.events.edge import CanaryAnswered, TapClosed, Touched

from .traces import AGENT, CRASHED, PORT, READY, TARGET, UP, Said, said

USED = """\
[launch]
target = "app:app"
[[phases]]
name = "cache"
callable = "app:open_cache"
needs = ["redis"]
[services.postgres]
canary = "app.state.database.ping()"
[services.redis]
[services.llm]
[services.analytics]
kind = "unavailable"
"""


def canary(observed: str, *, works: bool, crossed: int = 100) -> CanaryAnswered:
    """Return what the canary of Postgres said."""
    return CanaryAnswered(
        at=2.2, service="postgres", works=works, observed=observed, seconds=0.01, crossed=crossed
    )  # fmt: skip


TOUCHED = Touched(at=0.5, service="redis")


def tap(received: int) -> TapClosed:
    """Return what crossed the tap of Redis."""
    return TapClosed(at=3.0, service="redis", connections=1, sent=10, received=received)


ANSWERS: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "works": ((*UP, canary("returned True", works=True)), USED, "postgres", []),
    "raises": ((*UP, canary("raised OSError: away", works=False)), USED, "postgres", ["it raised OSError: away"]),
    "says that it works": (
        (*UP, canary("returned True", works=True, crossed=0)),
        USED,
        "postgres",
        ["it returned True, but not one byte went to postgres or came from it"],
    ),
    "the process died": (
        (*UP, canary("no answer", works=False), CRASHED),
        USED,
        "postgres",
        "the process had ended by itself before its canary answered",
    ),
    "works, and died later": ((*UP, canary("returned True", works=True), CRASHED), USED, "postgres", []),
    "not asked": (UP, USED, "postgres", "its canary was not asked"),
    "never ready, and works": ((AGENT, PORT, canary("returned True", works=True)), USED, "postgres", []),
    "never served": ((AGENT,), USED, "postgres", "the boot never came to serve"),
    "no canary, used": ((*UP, TOUCHED, tap(20)), USED, "redis", []),
    "no canary, no answer": ((*UP, TOUCHED, tap(0)), USED, "redis", ["not one byte came from it"]),
    "no canary, not touched": ((*UP, tap(0)), USED, "redis", ["not one byte came from it"]),
    "no canary, no tap": ((*UP, TOUCHED), USED, "redis", ["not one byte came from it"]),
    "no canary, no user": (UP, USED, "llm", "not used while starting, and the contract gives no canary for it"),
    "outside": ((READY,), USED, "postgres", "not used while starting, and the contract gives no canary for it"),
    "not there": (UP, USED, "analytics", "declared as not there"),
    "none declared": (UP, TARGET, "postgres", "the contract declares no services"),
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_answers(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """A service is used through the application's own component, and bytes are seen at its tap."""
    assert expected == said(services.answers, events, toml, subject)
