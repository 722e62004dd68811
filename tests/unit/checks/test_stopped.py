"""Whether it stops: by traces made by hand."""

from __future__ import annotations

from typing import Literal

import pytest

from pytest_startup.checks import stopped
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ServiceOffered
from pytest_startup.events.inside import ShutdownBegan, ShutdownComplete, ShutdownFailed, Snapshot
from pytest_startup.events.process import Exited, Killed, LeftBehind

from .traces import COMPLETE, CRASHED, ENDED, READY, STOP, TARGET, URL, Said, said

UNREADY = "the boot never became ready"
UP_ALREADY = "an application that was up already is not stopped by us"
GONE = "it had ended before it was asked to"
BEGAN, DONE = ShutdownBegan(at=3.1), ShutdownComplete(at=3.2)


def ended(code: int) -> Exited:
    """Return the end that was asked for."""
    return Exited(at=3.5, code=code, asked=True)


STOPS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "handled": ((READY, STOP, ended(0)), TARGET, []),
    "not handled": ((READY, STOP, ended(-15)), TARGET, []),
    "as a shell reports it": ((READY, STOP, ended(143)), TARGET, []),
    "with its shutdown": ((COMPLETE, READY, STOP, BEGAN, DONE, ended(0)), TARGET, []),
    "without its shutdown": ((COMPLETE, READY, STOP, ended(0)), TARGET, ["exit code 0 after no shutdown of its own"]),
    "half its shutdown": (
        (COMPLETE, READY, STOP, BEGAN, ended(-15)),
        TARGET,
        ["exit code -15 after only half of its shutdown"],
    ),
    "with an error": ((READY, STOP, ended(1)), TARGET, ["exit code 1"]),
    "by force": (
        (READY, STOP, Killed(at=5.0, reason="still running 2 s after SIGTERM"), ended(-9)),
        TARGET,
        ["still running 2 s after SIGTERM"],
    ),
    "shutdown fails": (
        (COMPLETE, READY, STOP, BEGAN, ShutdownFailed(at=3.1, error="OSError: away"), ended(-15)),
        TARGET,
        ["the shutdown failed: OSError: away"],
    ),
    "its end was not seen": ((COMPLETE, READY, STOP), TARGET, []),
    "never ready": ((STOP, ENDED), TARGET, UNREADY),
    "ended before": ((READY, CRASHED), TARGET, GONE),
    "up already": ((READY,), URL, UP_ALREADY),
}


@pytest.mark.parametrize(("events", "toml", "expected"), STOPS.values(), ids=STOPS)
def test_stops(events: tuple[Event, ...], toml: str, expected: Said):
    """SIGTERM ends it, in time, without an error, and not without its own shutdown."""
    assert expected == said(stopped.stops, events, toml)


LEFT: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "nothing": ((READY, ENDED), TARGET, []),
    "both": (
        (
            READY,
            LeftBehind(at=4.0, what="process", detail="pid 9: worker"),
            LeftBehind(at=4.1, what="port", detail="127.0.0.1:8000 still accepts connections"),
        ),
        TARGET,
        ["pid 9: worker", "127.0.0.1:8000 still accepts connections"],
    ),
    "also of a boot that failed": (
        (LeftBehind(at=4.0, what="process", detail="pid 9: worker"),),
        TARGET,
        ["pid 9: worker"],
    ),
    "up already": ((READY,), URL, UP_ALREADY),
}


@pytest.mark.parametrize(("events", "toml", "expected"), LEFT.values(), ids=LEFT)
def test_leaves_nothing(events: tuple[Event, ...], toml: str, expected: Said):
    """Whatever outlives the application is a finding."""
    assert expected == said(stopped.leaves_nothing, events, toml)


def snapshot(when: Literal["ready", "stopped"], *tasks: str, peers: tuple[str, ...] = ()) -> Snapshot:
    """Return what a process holds, with these tasks and connections."""
    return Snapshot(
        at=3.1, when=when, tasks=tasks, threads=(), peers=peers, descriptors=9, memory=0, test_tools=()
    )  # fmt: skip


TASKS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "none": ((READY, snapshot("ready", "poller"), STOP, snapshot("stopped")), TARGET, []),
    "one": ((READY, STOP, snapshot("stopped", "poller poll (app.py:3)")), TARGET, ["poller poll (app.py:3)"]),
    "its end was not seen": (
        (READY, snapshot("ready", "poller"), STOP),
        TARGET,
        "the end of the lifespan was not seen from inside",
    ),
    "never ready": ((STOP,), TARGET, UNREADY),
    "ended before": ((READY, CRASHED), TARGET, GONE),
    "up already": ((READY,), URL, UP_ALREADY),
}


@pytest.mark.parametrize(("events", "toml", "expected"), TASKS.values(), ids=TASKS)
def test_ends_its_tasks(events: tuple[Event, ...], toml: str, expected: Said):
    """Each task that outlives the shutdown is a finding."""
    assert expected == said(stopped.ends_its_tasks, events, toml)


REDIS = ServiceOffered(at=0.0, service="redis", address="127.0.0.1:6001")
SEARCH = ServiceOffered(at=0.0, service="search", address="127.0.0.1:6002")
CONNECTIONS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "none": (
        (REDIS, READY, snapshot("ready", peers=("127.0.0.1:6001",)), STOP, snapshot("stopped")),
        TARGET,
        [],
    ),
    "one": (
        (REDIS, SEARCH, READY, STOP, snapshot("stopped", peers=("127.0.0.1:6001",))),
        TARGET,
        ["one is still open, to 127.0.0.1:6001"],
    ),
    "to whom else": ((REDIS, READY, STOP, snapshot("stopped", peers=("127.0.0.1:50123",))), TARGET, []),
    "no services": ((READY, STOP, snapshot("stopped")), TARGET, "the contract declares no services"),
    "its end was not seen": ((REDIS, READY, STOP), TARGET, "the end of the lifespan was not seen from inside"),
    "never ready": ((STOP,), TARGET, UNREADY),
    "ended before": ((READY, CRASHED), TARGET, GONE),
    "up already": ((READY,), URL, UP_ALREADY),
}


@pytest.mark.parametrize(("events", "toml", "expected"), CONNECTIONS.values(), ids=CONNECTIONS)
def test_closes_its_connections(events: tuple[Event, ...], toml: str, expected: Said):
    """Each connection to a service that outlives the shutdown is a finding."""
    assert expected == said(stopped.closes_its_connections, events, toml)
