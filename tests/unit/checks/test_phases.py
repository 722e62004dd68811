"""Phases: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import phases
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.inside import PhaseFailed, SignalMissing
from pytest_startup.events.process import FaultFelt, OrderShuffled
from pytest_startup.trace import Trace

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


SEED = OrderShuffled(at=0.1, seed=7, loop="asyncio selector loop")
SLOW = FaultFelt(at=0.2, fault="slow", subject="postgres")
IN_ORDER = (*phase("database", 0.3, 0.4), *phase("cache", 0.5, 0.6))
OVERTAKEN = (entered("database", 0.3), *phase("cache", 0.35, 0.4), left("database", 0.5))
FREE = TWO + '[startup]\norder = "partial"\n'

KEEP_ORDER: dict[str, tuple[tuple[Event, ...], str, str | int, Said]] = {
    "kept, by seed": ((*UP, SEED, *IN_ORDER), TWO, 7, []),
    "kept, with a slow service": ((*UP, SLOW, *IN_ORDER), TWO, "postgres", []),
    "lost, by seed": (
        (*UP, SEED, *OVERTAKEN),
        TWO,
        7,
        ["cache began before database had ended with --startup-seeds=7"],
    ),
    "lost, with a slow service": (
        (*UP, SLOW, *OVERTAKEN),
        TWO,
        "postgres",
        ["cache began before database had ended with postgres slow"],
    ),
    "never ended": (
        (*UP, SEED, entered("database", 0.3), *phase("cache", 0.5, 0.6)),
        TWO,
        7,
        ["cache began before database had ended with --startup-seeds=7"],
    ),
    "did not happen": (
        (*UP, SEED, *phase("database", 0.3, 0.4)),
        TWO,
        7,
        ["cache ended never with --startup-seeds=7"],
    ),
    "happened twice": (
        (*UP, SEED, *IN_ORDER, *phase("cache", 0.7, 0.8)),
        TWO,
        7,
        ["cache ended twice with --startup-seeds=7"],
    ),
    "any order": ((*UP, SEED, *OVERTAKEN), FREE, 7, []),
    "not shuffled": ((READY, *IN_ORDER), TWO, 7, "the order of its event loop can only be shuffled from inside"),
    "not used": ((*UP, *IN_ORDER), TWO, "postgres", "postgres was not used while starting"),
    "never ready, by seed": (
        (AGENT, SEED, *IN_ORDER),
        TWO,
        7,
        ["it was ended before with --startup-seeds=7"],
    ),
    "fails, by seed": (
        (AGENT, SEED, *phase("database", 0.3, 0.4), PhaseFailed(at=0.5, phase="cache", error="KeyError: pool")),
        TWO,
        7,
        ["phase cache failed: KeyError: pool with --startup-seeds=7"],
    ),
    "never ready, with a slow service": ((AGENT, SLOW, *IN_ORDER), TWO, "postgres", UNREADY),
    "no phases": ((*UP, SEED), TARGET, 7, NONE),
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), KEEP_ORDER.values(), ids=KEEP_ORDER)
def test_keep_order(events: tuple[Event, ...], toml: str, subject: str | int, expected: Said):
    """The order of phases holds whatever is quick or slow, as far as the contract demands one."""
    assert expected == said(phases.keep_order, events, toml, subject)


BY_LOG = TWO.replace('callable = "app:open_database"', 'log = "database is open"')


@pytest.mark.parametrize(
    ("began", "expected"),
    [
        (0.45, "they came so soon after one another that from here it could not be seen which was first"),
        (0.3, ["cache began 200.0 ms before database had ended"]),
    ],
)
def test_a_line_is_seen_a_little_later(began: float, expected: Said):
    """Where the order may be that of a pipe, it is not judged; a phase that is well ahead is."""
    events = (*UP, SEED, *phase("database", 0.2, 0.5), *phase("cache", began, 0.6))
    assert expected == said(phases.follows, events, BY_LOG, ("database", "cache"))
    assert isinstance(expected, str) == (said(phases.keep_order, events, BY_LOG, 7) == [])
