"""What readiness tells of services: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import reports
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ServiceSwitched
from pytest_startup.events.guarded import SecretTold

from .traces import AGENT, STOP, TARGET, UP, URL, Said, probed, said

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


WHOLE = REPORTED.replace(
    'away = "gone" }', 'away = "gone", required = "need", error = "why", tells = { name = "cache" } }\n'
)
PROFILES = """
[[profiles]]
name = "production"
absent = { redis = "not-ready" }
[[profiles]]
name = "development"
absent = { redis = "tolerated" }
[[profiles]]
name = "test"
absent = { redis = "exit" }
"""


def answered(at: float = 2.5, **fields: object) -> Event:
    """Return an answer of readiness with all that it should tell of a missing cache, unless told otherwise."""
    told = {"checks.cache": "gone", "need": True, "why": "refused", "name": "cache"} | fields
    return probed("readiness", "503", at, fields={name: value for name, value in told.items() if value is not None})


LEAK = SecretTold(at=2.5, role="readiness", field="why", text="redis://***@host")
IN_PROFILE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all of it": ((answered(),), "production", []),
    "never ready, and asked": ((AGENT, answered()), "production", []),
    "optional": ((answered(need=False),), "development", []),
    "required where it is optional": ((answered(),), "development", ["True"]),
    "optional where it is required": ((answered(need=False),), "production", ["False"]),
    "a word is no flag": ((answered(need="true"),), "production", ["'true'"]),
    "not told": ((answered(need=None),), "production", ["'no such field'"]),
    "well": ((answered(**{"checks.cache": "ok"}),), "production", ["'ok'"]),
    "of nobody": ((answered(name=None),), "production", ["'no such field'"]),
    "without a cause": ((answered(why=None),), "production", ["'no such field'"]),
    "with an empty cause": ((answered(why=""),), "production", ["''"]),
    "with a password": ((answered(), LEAK), "production", ["redis://***@host"]),
    "nobody was asked": ((AGENT,), "production", "readiness never answered from outside"),
    "it ends": ((answered(),), "test", "the process ends, so that readiness has nothing to tell"),
}


@pytest.mark.parametrize(("events", "profile", "expected"), IN_PROFILE.values(), ids=IN_PROFILE)
def test_in_profile(events: tuple[Event, ...], profile: str, expected: Said):
    """Readiness tells of a missing service what the profile makes of it, why it is away, and no secret."""
    assert expected == said(reports.in_profile, events, WHOLE + PROFILES, f"{profile}:redis")


UNTOLD = "the contract does not say how readiness tells of it (services.redis.report)"
NOTHING: dict[str, tuple[str, str]] = {
    "no report": (TARGET + HEALTH + "[services.redis]\n", UNTOLD),
    "up already": (WHOLE.replace(TARGET, URL), "it is up already, in whatever profile that is"),
    "no readiness": (TARGET + REDIS, "the contract names no such health endpoint"),
}


@pytest.mark.parametrize(("toml", "expected"), NOTHING.values(), ids=NOTHING)
def test_nothing_told(toml: str, expected: str):
    """Where nothing is said of it, nothing can be wrong."""
    assert expected == said(reports.in_profile, (answered(),), toml + PROFILES, "production:redis")


def test_a_cause_while_all_is_well():
    """No cause is needed where nothing is away."""
    events = (*UP, answered(**{"checks.cache": "ok", "why": None}))
    assert [] == said(reports.tells_the_truth, events, WHOLE, "redis")
