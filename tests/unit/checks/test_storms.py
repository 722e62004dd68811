"""Two instances which wait for a service: by traces made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import accumulate

import pytest

from pytest_startup.checks import storms
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ConnectionAttempted, ServiceSwitched
from pytest_startup.events.instances import SecondRecorded, TapPeaked
from pytest_startup.events.process import FaultFelt, FaultPlanned

from .traces import CRASHED, READY, TARGET, Said, said

CONTRACT = f"""{TARGET}
[services.postgres]
jitter = true
pool = {{ size = 2, most = 4 }}
"""
PLANNED = FaultPlanned(at=0.0, fault="late", subject="postgres", seconds=2.0)
FELT = FaultFelt(at=0.2, fault="late", subject="postgres")
UP = ServiceSwitched(at=9.0, service="postgres", to="up")
DOUBLING = (0.1, 0.2, 0.4, 0.8, 0.8)
JITTERED = (0.08, 0.15, 0.22, 0.7, 0.5)
NOISY = (0.105, 0.2, 0.404, 0.8, 0.81)
TWICE = (0.001, 0.1, 0.001, 0.2, 0.001, 0.4, 0.001, 0.8, 0.02, 0.8)


def asked(pauses: Iterable[float], since: float = 1.0) -> list[Event]:
    """Return attempts with these pauses between them."""
    return [ConnectionAttempted(at=at, service="postgres") for at in accumulate(pauses, initial=since)]


def pair(one: Iterable[Event], two: Iterable[Event]) -> tuple[Event, ...]:
    """Return a boot of two instances, both of which met a database that comes later."""
    saved = [{"kind": type(e).__name__, **asdict(e)} for e in (PLANNED, FELT, UP, *two)]
    return (PLANNED, FELT, UP, *one, *(SecondRecorded(at=each["at"], event=each) for each in saved))


FEW = "it was asked 4 times by each: too few to tell whether their pauses differ"
CASES: dict[str, tuple[Iterable[Event], str, Said]] = {
    "jitter": (pair(asked(DOUBLING), asked(JITTERED, 1.3)), CONTRACT, []),
    "in step": (
        pair(asked(DOUBLING), asked(DOUBLING, 1.3)),
        CONTRACT,
        ["both make the same: 0.10, 0.20, 0.40, 0.80, 0.80 s. All that wait come back to it at the same moments"],
    ),
    "in step, as far as a machine can": (
        pair(asked(DOUBLING), asked(NOISY, 1.3)),
        CONTRACT,
        ["both make the same: 0.10, 0.20, 0.40, 0.80, 0.80 s. All that wait come back to it at the same moments"],
    ),
    "in step, on a busy machine": (
        pair(asked((0.1, 0.2, *[0.3] * 6)), asked((0.1, 0.27, 0.3, 0.34, *[0.3] * 4), 1.3)),
        CONTRACT,
        [f"both make the same: 0.10, 0.20{', 0.30' * 6} s. All that wait come back to it at the same moments"],
    ),
    "jitter, some by chance the same": (
        pair(asked((0.1, 0.2, *[0.3] * 6)), asked((0.1, 0.15, 0.3, 0.34, *[0.3] * 3, 0.2), 1.3)),
        CONTRACT,
        [],
    ),
    "in step, some attempts at once": (
        pair(asked(DOUBLING), asked(TWICE, 1.3)),
        CONTRACT,
        ["both make the same: 0.10, 0.20, 0.40, 0.80, 0.80 s. All that wait come back to it at the same moments"],
    ),
    "nobody says": (
        pair(asked(DOUBLING), asked(DOUBLING)),
        CONTRACT.replace("jitter = true", ""),
        "the contract does not say that pauses must differ (services.postgres.jitter)",
    ),
    "too few": (pair(asked(DOUBLING[:3]), asked(DOUBLING)), CONTRACT, FEW),
    "unseen": (pair((), ()), CONTRACT, FEW.replace("4", "1")),
    "no fault": (
        [e for e in pair((), ()) if e is not PLANNED],
        CONTRACT,
        "no fault was planned in which this service is not there yet",
    ),
    "not met": (
        [e for e in pair((), ()) if e is not FELT],
        CONTRACT,
        "they never met the fault: postgres was not used meanwhile",
    ),
    "no other": ((PLANNED, FELT, *asked(DOUBLING)), CONTRACT, "no second instance was started"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), CASES.values(), ids=CASES)
def test_are_scattered(events: Iterable[Event], toml: str, expected: Said):
    """Two that wait do not come back in step, where the contract says so."""
    assert expected == said(storms.are_scattered, tuple(events), toml, "postgres")


def peaked(most: int) -> tuple[Event, ...]:
    """Return an instance that became ready with so many connections at a time."""
    return (READY, TapPeaked(at=2.0, service="postgres", most=most))


BOUNDED: dict[str, tuple[Iterable[Event], str, Said]] = {
    "within the pool": (pair(peaked(4), peaked(3)), CONTRACT, []),
    "with a migration beside it": (pair(peaked(6), peaked(6)), CONTRACT, []),
    "a storm": (
        pair(peaked(4), peaked(40)),
        CONTRACT,
        ["40 from the second instance: with every instance doing so, postgres goes down again"],
    ),
    "never ready": (
        pair((CRASHED,), peaked(4)),
        CONTRACT,
        "the first instance never became ready: it ended with code 139",
    ),
    "no pool": (
        pair(peaked(4), peaked(4)),
        CONTRACT.replace("pool", "report = { field = 'x', up = 1, away = 2 }\n#"),
        "the contract does not say how many connections it may have (services.postgres.pool.most)",
    ),
    "no other": ((PLANNED, FELT, *peaked(40)), CONTRACT, "no second instance was started"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), BOUNDED.values(), ids=BOUNDED)
def test_stay_bounded(events: Iterable[Event], toml: str, expected: Said):
    """Who comes back to a service opens no more connections than its pool may have."""
    assert expected == said(storms.stay_bounded, tuple(events), toml, "postgres")
