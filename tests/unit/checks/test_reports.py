"""What readiness tells of services: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import reports
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ServiceSwitched

from .traces import AGENT, STOP, TARGET, UP, Said, probed, said

HEALTH = '[health]\nreadiness = "/readiness"\n'
REDIS = '[services.redis]\nreport = { field = "checks.cache", up = "ok", away = "gone" }\n'
REPORTED = TARGET + HEALTH + REDIS
NEVER_THERE = REPORTED.replace("[services.redis]", '[services.redis]\nkind = "unavailable"')


def told(value: object, at: float = 2.5, answer: str = "200") -> Event:
    """Return an answer of readiness whose body tells of the cache."""
    return probed("readiness", answer, at, fields={"checks.cache": value})


GONE = ServiceSwitched(at=2.4, service="redis", to="dies")
BACK = ServiceSwitched(at=2.6, service="redis", to="up")

TELLS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "well": ((*UP, told("ok")), REPORTED, []),
    "away, it says": ((*UP, told("gone")), REPORTED, ["'gone'"]),
    "gone, and told": ((*UP, told("ok", 2.1), GONE, told("gone", answer="503")), REPORTED, []),
    "gone, and not told": ((*UP, GONE, told("ok")), REPORTED, ["'ok'"]),
    "back": ((*UP, GONE, told("gone"), BACK, told("ok", 2.7)), REPORTED, []),
    "never there": ((*UP, told("gone")), NEVER_THERE, []),
    "never there, it says that it is": ((*UP, told("ok")), NEVER_THERE, ["'ok'"]),
    "no such field": ((*UP, probed("readiness", "200", 2.5)), REPORTED, ["'no such field'"]),
    "what it says while it stops": ((*UP, told("ok"), STOP, told("gone", 3.2)), REPORTED, []),
    "silence": ((*UP, probed("readiness", "timeout", 2.5)), REPORTED, "readiness was not asked once it was ready"),
    "not asked": (UP, REPORTED, "readiness was not asked once it was ready"),
    "never ready": ((AGENT, told("gone")), REPORTED, "the boot never became ready"),
    "no readiness": ((*UP, told("ok")), TARGET + REDIS, "the contract names no such health endpoint"),
    "not declared": (
        (*UP, told("ok")),
        TARGET + HEALTH + "[services.redis]\n",
        "the contract does not say how readiness tells of it (services.redis.report)",
    ),
}


@pytest.mark.parametrize(("events", "toml", "expected"), TELLS.values(), ids=TELLS)
def test_tells_the_truth(events: tuple[Event, ...], toml: str, expected: Said):
    """Readiness tells of a service what is true of it."""
    assert expected == said(reports.tells_the_truth, events, toml, "redis")
