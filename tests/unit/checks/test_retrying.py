"""Waiting for a service: by traces made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_startup.checks.retrying import is_patient
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ConnectionAttempted, ServiceSwitched, TapClosed
from pytest_startup.events.process import FaultFelt, FaultPlanned, Ready, StopRequested
from pytest_startup.trace import Trace

from .traces import TARGET, Said, probed, said

CONTRACT = f"""{TARGET}
[[phases]]
name = "cache"
callable = "app:open_cache"
needs = ["redis"]
[services.redis]
outcome = {{ late = "tolerated" }}
"""
BACKOFF = f"{CONTRACT}backoff = true\n"
ENDS = CONTRACT.replace("tolerated", "exit")

LATE = FaultPlanned(at=0.0, fault="late", subject="redis", seconds=2.0)
ABSENT = FaultPlanned(at=0.0, fault="absent", subject="redis", seconds=0.0)
FELT = FaultFelt(at=1.0, fault="late", subject="redis")
UP = ServiceSwitched(at=3.0, service="redis", to="up")
READY = Ready(at=4.0)


def asked(*moments: float, since: float = 1.0) -> list[Event]:
    """Return attempts to connect, in seconds after the first."""
    return [ConnectionAttempted(at=since + moment, service="redis") for moment in moments]


def crossed(received: int) -> TapClosed:
    """Return what came over the tap."""
    return TapClosed(at=5.0, service="redis", connections=1, sent=1, received=received)


GROWING = (0.0, 0.1, 0.3, 0.7, 1.5, 2.3)
STEADY = (0.0, 0.4, 0.8, 1.2, 1.6, 2.0)
TWICE_AT_ONCE = tuple(moment for each in STEADY for moment in (each, each + 0.05))
GROWING_TWICE = tuple(moment for each in GROWING for moment in (each, each + 0.02))
FULL_JITTER = (0.0, 0.09, 0.14, 0.5, 0.6, 1.4, 2.2)
SOON_AT_ITS_LIMIT = (0.0, 0.25, 0.75, 1.25, 1.75, 2.25)
STORM = tuple(n * 0.04 for n in range(50))
WITHOUT_PAUSE = tuple(n * 0.0004 for n in range(4000))
POOL = tuple(round_ + n * 0.0005 for round_ in (0.0, 1.0, 2.1) for n in range(15))

CASES: dict[str, tuple[Sequence[Event], str, Said]] = {
    "no fault": (asked(0.0), CONTRACT, "no fault was planned in which this service is not there yet"),
    "another fault": (
        [FaultPlanned(at=0.0, fault="silent", subject="redis", seconds=0.0), *asked(0.0)],
        CONTRACT,
        "no fault was planned in which this service is not there yet",
    ),
    "never met": ([LATE], CONTRACT, "the application never met the fault: it did not use redis meanwhile"),
    "not seen": (
        [LATE, FELT, UP],
        CONTRACT,
        "its attempts to connect cannot be seen: a driver in C makes them, within the process",
    ),
    "asked again": ([LATE, FELT, *asked(0.0, 1.0, 2.1), UP, READY, crossed(9)], CONTRACT, []),
    "asked again and found, though only the first was seen": (
        [LATE, FELT, *asked(0.0), UP, READY, crossed(9)],
        CONTRACT,
        [],
    ),
    "never again": ([LATE, FELT, *asked(0.0), UP, crossed(0)], CONTRACT, ["it was asked once, and never again"]),
    "ends instead, as it should": (
        [LATE, FELT, *asked(0.0)],
        ENDS,
        'it was asked once; services.redis.outcome.late = "tolerated" would ask for more',
    ),
    "goes on without": (
        [LATE, FELT, *asked(0.0), Ready(at=2.0), UP, crossed(0)],
        CONTRACT,
        "it was asked once, and the application became ready without redis",
    ),
    "absent, asked again": ([ABSENT, FELT, *asked(0.0, 1.0, 2.0)], CONTRACT, []),
    "storm": (
        [LATE, FELT, *asked(*STORM), UP],
        CONTRACT,
        ["25 within a second: a storm, which keeps redis from coming up"],
    ),
    "storm without a pause": (
        [ABSENT, FELT, *asked(*WITHOUT_PAUSE)],
        CONTRACT,
        ["100 within a second: a storm, which keeps redis from coming up"],
    ),
    "no storm by the contract": ([LATE, FELT, *asked(*STORM), UP], f"{CONTRACT}max_attempts_per_second = 30\n", []),
    "a pool at once": ([LATE, FELT, *asked(*POOL), UP], CONTRACT, []),
    "used often once it is there": ([LATE, FELT, *asked(0.0, 1.0), UP, *asked(*STORM, since=3.1)], CONTRACT, []),
    "asked by a readiness which we ask": (
        [
            ABSENT,
            FELT,
            *asked(0.0, 1.0),
            probed("readiness", "503", 2.1),
            *asked(*(0.25 * n for n in range(20)), since=2.2),
        ],
        CONTRACT,
        [],
    ),
    "a storm in the background": (
        [ABSENT, FELT, probed("readiness", "503", 0.1), *asked(*STORM, since=2.2)],
        CONTRACT,
        ["25 within a second: a storm, which keeps redis from coming up"],
    ),
    "asked while it stops": (
        [ABSENT, FELT, *asked(0.0, 1.0), StopRequested(at=2.1, signal="SIGTERM"), *asked(*STORM, since=2.2)],
        CONTRACT,
        [],
    ),
    "pauses grow": ([LATE, FELT, *asked(*GROWING), UP], BACKOFF, []),
    "pauses grow, each attempt is two": ([LATE, FELT, *asked(*GROWING_TWICE), UP], BACKOFF, []),
    "pauses grow with full jitter": ([LATE, FELT, *asked(*FULL_JITTER), UP], BACKOFF, []),
    "pauses are soon at their limit": ([LATE, FELT, *asked(*SOON_AT_ITS_LIMIT), UP], BACKOFF, []),
    "pauses stay": (
        [LATE, FELT, *asked(*STEADY), UP],
        BACKOFF,
        ["they stay as they are: 0.40, 0.40, 0.40, 0.40, 0.40 s"],
    ),
    "pauses stay, each attempt is two": (
        [LATE, FELT, *asked(*TWICE_AT_ONCE), UP],
        BACKOFF,
        ["they stay as they are: 0.35, 0.35, 0.35, 0.35, 0.35 s"],
    ),
    "pauses may stay": ([LATE, FELT, *asked(*STEADY), UP], CONTRACT, []),
    "too few pauses": (
        [LATE, FELT, *asked(0.0, 2.1), UP, READY],
        BACKOFF,
        "it was asked 2 times before anybody outside was answered: too few to tell whether pauses grow",
    ),
}


@pytest.mark.parametrize(("events", "toml", "expected"), CASES.values(), ids=CASES)
def test_is_patient(events: Sequence[Event], toml: str, expected: Said):
    """Whoever waits for a service asks again, not too often, with growing pauses where the contract says so."""
    assert expected == said(is_patient, tuple(events), toml, "redis")


def test_where_to_look():
    """A finding names the phase which waits, and the key by which it is allowed."""
    (found,) = is_patient(Trace.of([LATE, FELT, *asked(*STEADY), UP]), reader.parse(BACKOFF), "redis")  # type: ignore[misc]
    assert "whoever connects to redis (phase cache)" in found.look_at
    assert "services.redis.backoff = false" == found.on_purpose
