"""Pools of connections: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import pools
from pytest_startup.events.base import Event
from pytest_startup.events.edge import PoolUsed, TapState

from .traces import AGENT, TARGET, UP, Said, said

NONE = TARGET + "[services.postgres]\n"
AT_LEAST = NONE + "pool = { size = 5 }\n"
BOUNDED = NONE + "pool = { size = 5, most = 10 }\n"
UNDECLARED = "the contract declares no pool for it (services.postgres.pool)"
UNREADY = "the boot never became ready"


def connected(count: int) -> TapState:
    """Return how many connections there were once it was ready."""
    return TapState(at=2.0, service="postgres", open=count)


def used(worked: int, *, most: int = 10, asked: int = 10) -> PoolUsed:
    """Return what came of so many uses at once."""
    return PoolUsed(at=2.2, service="postgres", asked=asked, worked=worked, open=most, observed="raised TimeoutError")


HAS_ITS_SIZE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "as it should": ((*UP, connected(5)), BOUNDED, []),
    "at its most": ((*UP, connected(10)), BOUNDED, []),
    "without a limit": ((*UP, connected(50)), AT_LEAST, []),
    "cold": ((*UP, connected(1)), BOUNDED, ["1"]),
    "too many": ((*UP, connected(11)), BOUNDED, ["11"]),
    "not said": ((*UP, connected(5)), NONE, UNDECLARED),
    "never ready": ((AGENT, connected(5)), BOUNDED, UNREADY),
    "no tap": (UP, BOUNDED, "its connections cannot be counted: there is no tap in front of it"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), HAS_ITS_SIZE.values(), ids=HAS_ITS_SIZE)
def test_has_its_size(events: tuple[Event, ...], toml: str, expected: Said):
    """As many connections are open as the pool should have."""
    assert expected == said(pools.has_its_size, events, toml, "postgres")


HANDS_OUT: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all": ((*UP, used(10)), BOUNDED, []),
    "not all": ((*UP, used(4)), BOUNDED, ["4 of them did; one that did not raised TimeoutError"]),
    "with too many connections": ((*UP, used(10, most=12)), BOUNDED, ["12 with 10 uses at once"]),
    "without a limit": ((*UP, used(5, asked=5, most=12)), AT_LEAST, []),
    "not said": ((*UP, used(10)), NONE, UNDECLARED),
    "never ready": ((AGENT, used(10)), BOUNDED, UNREADY),
    "not used": (UP, BOUNDED, "it was not used: that takes a canary, and a look from inside"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), HANDS_OUT.values(), ids=HANDS_OUT)
def test_hands_out(events: tuple[Event, ...], toml: str, expected: Said):
    """As many uses at once as the pool promises succeed, with no more connections than it may have."""
    assert expected == said(pools.hands_out, events, toml, "postgres")
