"""Starting more than once: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import repeating
from pytest_startup.events.base import Event
from pytest_startup.events.edge import TapState
from pytest_startup.events.inside import LifespanFailed, PhaseFailed, PhaseRepeated
from pytest_startup.events.process import (
    BootedAgain,
    Exited,
    FaultFelt,
    LifespanEnded,
    LifespanRepeated,
    NeverReady,
    Ready,
)

from .traces import AGENT, UP, Said, phase, said

ONE = '[launch]\ntarget = "app:app"\n[[phases]]\nname = "database"\ncallable = "app:open"\n'
POOL = "[services.postgres]\npool = { size = 2, most = 4 }\n"
ONCE = f"{ONE}once = true\n{POOL}[startup]\nonce = true\nrepeatable = true\nmax_growth_mib = 2\n"
NEVER_TWICE = ONE + "[startup]\nonce = false\n"

TWICE = FaultFelt(at=0.5, fault="twice", subject="startup")
AGAIN = LifespanRepeated(at=1.5, error="")
PHASE = phase("database", 0.6, 0.7)
BOTH = (*UP, TWICE, AGAIN, *PHASE)
TOO_MANY = "8 connections to postgres, whose pool has at most 4"


def connected(count: int) -> TapState:
    """Return how many connections to Postgres there were."""
    return TapState(at=2.0, service="postgres", open=count)


STARTS_ONCE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "once": ((*BOTH, connected(4)), ONCE, []),
    "the second fails": (
        (*UP, TWICE, LifespanRepeated(at=1.5, error="RuntimeError: open already")),
        ONCE,
        ["the second of two lifespans failed: RuntimeError: open already"],
    ),
    "the second never comes up": ((*UP, TWICE), ONCE, ["the second of two lifespans never came up, nor failed"]),
    "phases run again": ((*BOTH, *phase("database", 0.65, 0.8)), ONCE, ["database ran more than once"]),
    "all is opened twice": ((*BOTH, connected(8)), ONCE, [TOO_MANY]),
    "never ready": (
        (AGENT, TWICE, PhaseFailed(at=1.0, phase="database", error="OSError: taken")),
        ONCE,
        ["the application did not become ready: phase database failed: OSError: taken"],
    ),
    "the lifespan fails": (
        (AGENT, TWICE, LifespanFailed(at=1.0, error="OSError: taken", told=True, received=True)),
        ONCE,
        ["the application did not become ready: OSError: taken"],
    ),
    "it hangs": (
        (AGENT, TWICE, NeverReady(at=9.0, limit=9.0, waiting_for="the server to listen", stacks="")),
        ONCE,
        ["the application did not become ready: after 9 s it still waited for the server to listen"],
    ),
    "it ends": ((AGENT, TWICE), ONCE, ["the application did not become ready: it was ended before"]),
    "not said": (
        BOTH,
        ONE,
        "the contract does not say whether a start that begins twice happens once (startup.once)",
    ),
    "said that it is not so": (BOTH, NEVER_TWICE, "startup.once is false: a start must not begin twice here"),
    "not begun twice": (UP, ONCE, "the lifespan did not begin twice: it is not seen from inside, or never began"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), STARTS_ONCE.values(), ids=STARTS_ONCE)
def test_starts_once(events: tuple[Event, ...], toml: str, expected: Said):
    """Two lifespans at once: the work is done once, and both come up."""
    assert expected == said(repeating.starts_once, events, toml)


FELT = FaultFelt(at=0.6, fault="twice", subject="database")


def repeated(error: str = "") -> PhaseRepeated:
    """Return how the second call ended."""
    return PhaseRepeated(at=0.7, phase="database", error=error)


PHASE_RUNS_ONCE: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "once": ((*UP, FELT, repeated(), connected(2)), ONCE, []),
    "the second fails": (
        (*UP, FELT, repeated("OSError: taken")),
        ONCE,
        ["the second call failed: OSError: taken"],
    ),
    "never ready": ((AGENT, FELT, repeated()), ONCE, ["the application did not become ready: it was ended before"]),
    "all is opened twice": ((*UP, FELT, repeated(), connected(8)), ONCE, [TOO_MANY]),
    "not said": (
        (*UP, FELT, repeated()),
        ONE,
        "the contract does not say that database may be called twice at once (once = true)",
    ),
    "no callable": (UP, ONCE, "its signal is not a callable, so it cannot be called twice"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), PHASE_RUNS_ONCE.values(), ids=PHASE_RUNS_ONCE)
def test_phase_runs_once(events: tuple[Event, ...], toml: str, expected: Said):
    """Two calls of a phase at once: the work is done once, and both end well."""
    assert expected == said(repeating.phase_runs_once, events, toml, "database")


RAISED = FaultFelt(at=0.6, fault="raises", subject="database")


def after(observed: str = "", *, ready: bool) -> BootedAgain:
    """Return what the next boot came to."""
    return BootedAgain(at=5.0, ready=ready, seconds=2.0, observed=observed, log=() if ready else ("bye",))


RECOVERS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "ready": ((RAISED, after(ready=True)), []),
    "fails": ((RAISED, after("phase database failed: locked", ready=False)), ["phase database failed: locked\nbye"]),
    "ends without a word": ((RAISED, after(ready=False)), ["it did not become ready\nbye"]),
    "no fault": ((after(ready=True),), "the fault could not strike, so there was no failed boot"),
    "not again": ((RAISED,), "it was not booted again"),
}


@pytest.mark.parametrize(("events", "expected"), RECOVERS.values(), ids=RECOVERS)
def test_recovers(events: tuple[Event, ...], expected: Said):
    """After a boot that failed, the next one on the same services becomes ready."""
    assert expected == said(repeating.recovers, events, ONE, "database")


RESTARTS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "ready": ((*UP, after(ready=True)), []),
    "fails": ((*UP, after("phase database failed: exists", ready=False)), ["phase database failed: exists\nbye"]),
    "ends without a word": ((*UP, after(ready=False)), ["it did not become ready\nbye"]),
    "not again": (UP, "it was not booted again"),
    "never good": (
        (AGENT, PhaseFailed(at=1.0, phase="database", error="OSError: taken"), after(ready=False)),
        "there was no good start before it: phase database failed: OSError: taken",
    ),
}


@pytest.mark.parametrize(("events", "expected"), RESTARTS.values(), ids=RESTARTS)
def test_restarts(events: tuple[Event, ...], expected: Said):
    """After a boot that was good, the next one on the same data is as good."""
    assert expected == said(repeating.restarts, events, ONE)


READY = Ready(at=9.0)


def ended(number: int, *, mib: float = 100, descriptors: int = 10, threads: int = 2, error: str = "") -> LifespanEnded:
    """Return what a process held after one of its lifespans."""
    return LifespanEnded(
        at=float(number), number=number, memory=int(mib * repeating.MIB), descriptors=descriptors, threads=threads,
        tasks=0, error=error,
    )  # fmt: skip


PILES_UP: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "flat": ((ended(1), ended(2), ended(3), READY), ONCE, []),
    "filled once": ((ended(1, mib=50, descriptors=5), ended(2), ended(3), READY), ONCE, []),
    "filled a second time": ((ended(1), ended(2), ended(3, mib=120), ended(4, mib=120), READY), ONCE, []),
    "memory": (
        (ended(1), ended(2), ended(3, mib=110), ended(4, mib=120), READY),
        ONCE,
        ["10.0 MiB, then 10.0 MiB more with each"],
    ),
    "descriptors": ((ended(1), ended(2), ended(3, descriptors=11), READY), ONCE, ["10, then 11"]),
    "threads": (
        (ended(1), ended(2), ended(3, threads=4), ended(4, threads=6), READY),
        ONCE,
        ["2, then 4, then 6"],
    ),
    "one fails": (
        (ended(1), ended(2, error="OSError: taken")),
        ONCE,
        ["lifespan 2 failed: OSError: taken"],
    ),
    "the second crashes": (
        (ended(1), Exited(at=2.0, code=139, asked=False)),
        ONCE,
        ["after 1 lifespans: it ended with code 139"],
    ),
    "one only": ((ended(1), READY), ONCE, "only 1 lifespans have ended, too few to compare"),
    "not said": (
        (ended(1), ended(2)),
        ONE,
        "the contract does not say that one process can start several times (startup.repeatable)",
    ),
    "none ended": (UP, ONCE, "it did not complete a first lifespan"),
    "outside": ((), ONCE, "the application was watched from outside"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), PILES_UP.values(), ids=PILES_UP)
def test_does_not_pile_up(events: tuple[Event, ...], toml: str, expected: Said):
    """What grows with every lifespan is found; what was filled once is not."""
    assert expected == said(repeating.does_not_pile_up, events, toml)
