"""Phases: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import phases
from pytest_startup.contract import reader
from pytest_startup.trace import Event, SignalMissing, Trace

from .traces import AGENT, READY, TARGET, UP, Said, entered, left, phase, said

TWO = """\
[launch]
target = "app:app"
[[phases]]
name = "database"
callable = "app:open_database"
max_seconds = 0.5
[[phases]]
name = "cache"
callable = "app:open_cache"
"""
NONE = "the contract declares no phases"
UNREADY = "the boot never became ready"
OUTSIDE = "the application was watched from outside, where these phases cannot be seen"
UNSEEN: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "no phases": (UP, TARGET, NONE),
    "never ready": ((AGENT, *phase("database", 0.1, 0.2)), TWO, UNREADY),
    "outside": ((READY,), TWO, OUTSIDE),
}

ONCE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "once": ((*UP, *phase("database", 0.1, 0.2)), TWO, []),
    "once, seen from outside by the log": ((READY, *phase("database", 0.1, 0.2)), TWO, []),
    "never": (UP, TWO, ["entered never, left never"]),
    "not left": ((*UP, entered("database", 0.1)), TWO, ["entered once, left never"]),
    "twice": ((*UP, *phase("database", 0.1, 0.2), *phase("database", 0.3, 0.4)), TWO, ["entered twice, left twice"]),
    "three times": (
        (*UP, *(entered("database", at) for at in (0.1, 0.2, 0.3)), left("database", 0.4)),
        TWO,
        ["entered 3 times, left once"],
    ),
    "no such signal": (
        (*UP, SignalMissing(at=0.1, phase="database", reason="module 'app' has no attribute 'open_database'")),
        TWO,
        ["module 'app' has no attribute 'open_database'"],
    ),
    **UNSEEN,
}


@pytest.mark.parametrize(("events", "toml", "expected"), ONCE.values(), ids=ONCE)
def test_once(events: tuple[Event, ...], toml: str, expected: Said):
    """A phase is entered once and left once."""
    assert expected == said(phases.once, events, toml, "database")


def test_where_the_signal_is():
    """Of a phase that never came, the contract's own words are where to look; of one that came again, the moment."""
    contract = reader.parse(TWO, None)
    never = phases.once(Trace.of(UP), contract, "database")
    assert ["the signal of this phase in the contract: app:open_database"] == [each.look_at for each in never]
    again = Trace.of((*UP, *phase("database", 0.1, 0.2), *phase("database", 0.3, 0.4)))
    assert [(0.3, "")] == [(each.at, each.look_at) for each in phases.once(again, contract, "database")]


FOLLOWS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "one after another": ((*UP, *phase("database", 0.1, 0.2), *phase("cache", 0.2, 0.3)), TWO, []),
    "swapped": (
        (*UP, *phase("cache", 0.1, 0.2), *phase("database", 0.3, 0.4)),
        TWO,
        ["cache began 300.0 ms before database had ended"],
    ),
    "overlapping": (
        (*UP, *phase("database", 0.1, 0.25), *phase("cache", 0.2, 0.3)),
        TWO,
        ["cache began 50.0 ms before database had ended"],
    ),
    "no earlier": ((*UP, *phase("cache", 0.2, 0.3)), TWO, "database did not happen"),
    "no later": ((*UP, *phase("database", 0.2, 0.3)), TWO, "cache did not happen"),
    **UNSEEN,
}


@pytest.mark.parametrize(("events", "toml", "expected"), FOLLOWS.values(), ids=FOLLOWS)
def test_follows(events: tuple[Event, ...], toml: str, expected: Said):
    """A phase has ended before one that comes after it begins."""
    assert expected == said(phases.follows, events, toml, ("database", "cache"))


IN_TIME: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "in time": ((*UP, *phase("database", 0.1, 0.6)), TWO, "database", []),
    "late": ((*UP, *phase("database", 0.1, 0.612)), TWO, "database", ["0.51 s"]),
    "no limit": ((*UP, *phase("cache", 0.1, 9.0)), TWO, "cache", "the contract sets no max_seconds for it"),
    "did not happen": (UP, TWO, "database", "it did not happen"),
    "a moment": (
        (*UP, *phase("database", 0.1, 0.1)),
        TWO,
        "database",
        "its signal is a moment, not a span of time",
    ),
    **{name: (events, toml, "database", expected) for name, (events, toml, expected) in UNSEEN.items()},
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), IN_TIME.values(), ids=IN_TIME)
def test_in_time(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """A phase takes no longer than its max_seconds."""
    assert expected == said(phases.in_time, events, toml, subject)
