"""Whether it starts: by traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.checks import started
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import Answered
from pytest_startup.events.inside import (
    ImportFailed,
    LifespanFailed,
    LookedUp,
    LoopBlocked,
    PhaseFailed,
    Reached,
    Snapshot,
)
from pytest_startup.events.process import Exited, NeverReady, Ready
from pytest_startup.trace import Trace

from .traces import AGENT, ANSWERED, CRASHED, ENDED, READY, TARGET, URL, Said, entered, line, phase, said

UNREADY = "the boot never became ready"
OUTSIDE = "the application was watched from outside: only a launch.target is seen from inside"


def imported(stage: str) -> ImportFailed:
    """Return the failure of one stage of the import."""
    return ImportFailed(at=0.3, target="app:app", stage=stage, error="ValueError: no", traceback="")


def lifespan(*, told: bool, received: bool) -> LifespanFailed:
    """Return a failed lifespan."""
    return LifespanFailed(at=0.9, error="OSError: away", told=told, received=received)


FAILED = PhaseFailed(at=0.8, phase="cache", error="app.CacheError: away: for good")
INSTALL = "install uvicorn there, or say launch.command"
LEFT_3 = Exited(at=1.0, code=3, asked=False)
LEFT_0 = Exited(at=1.0, code=0, asked=False)
HUNG = NeverReady(at=30.0, limit=30.0, waiting_for="the server to listen", stacks="task main\n  app.py:3 in start")


BECOMES_READY: dict[str, tuple[tuple[Event, ...], Said]] = {
    "ready, then stopped": ((READY, ENDED), []),
    "ready, and still up": ((READY,), []),
    "server missing": (
        (imported("server"),),
        [f"the server that runs app:app cannot be imported ({INSTALL}): ValueError: no"],
    ),
    "import": ((imported("import"), LEFT_3), ["importing app:app failed: ValueError: no"]),
    "attribute": ((imported("attribute"),), ["the module of app:app has no such attribute: ValueError: no"]),
    "factory": ((imported("factory"),), ["calling the factory app:app failed: ValueError: no"]),
    "phase, before what comes of it": (
        (FAILED, lifespan(told=True, received=True), LEFT_3),
        ["phase cache failed: app.CacheError: away: for good"],
    ),
    "startup told": ((lifespan(told=True, received=True),), ["startup failed: OSError: away"]),
    "startup raised": ((lifespan(told=False, received=True),), ["startup raised: OSError: away"]),
    "no lifespan": (
        (lifespan(told=False, received=False),),
        ['the application does not speak the lifespan protocol: OSError: away (on purpose: launch.lifespan = "off")'],
    ),
    "timeout": (
        (HUNG,),
        ["not ready after 30 s: waiting for the server to listen\ntask main\n  app.py:3 in start"],
    ),
    "a long timeout": (
        (replace(HUNG, limit=1234.5, stacks=""),),
        ["not ready after 1234.5 s: waiting for the server to listen"],
    ),
    "ended before": ((LEFT_0,), ["the process ended by itself with code 0, before it was ready"]),
    "ended after": ((READY, CRASHED), ["the process ended by itself with code 139, after it had been ready"]),
    "nothing at all": ((), ["neither ready nor ended"]),
    "asked to end before": ((ENDED,), ["neither ready nor ended"]),
}


@pytest.mark.parametrize(("events", "expected"), BECOMES_READY.values(), ids=BECOMES_READY)
def test_becomes_ready(events: tuple[Event, ...], expected: Said):
    """The first event that explains the failure is what is observed."""
    assert expected == said(started.becomes_ready, events, TARGET)


@pytest.mark.parametrize(
    ("events", "look_at"),
    [
        ((LEFT_0,), "the end of the application's log"),
        ((*phase("init", 0.1, 0.2), entered("cache", 0.3), LEFT_0), "phase cache, which was under way"),
    ],
)
def test_where_to_look(events: tuple[Event, ...], look_at: str):
    """The phase that was under way is where to look."""
    verdict = started.becomes_ready(Trace.of(events), reader.parse(TARGET, None), "")
    assert [look_at] == [finding.look_at for finding in verdict]


TELLS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "nothing failed": ((READY,), []),
    "swallowed phase": (
        (FAILED, READY),
        ["app.CacheError: away: for good, and the application went on and became ready"],
    ),
    "swallowed startup": (
        (lifespan(told=True, received=True), READY),
        ["OSError: away, and the application went on and became ready"],
    ),
    "never ready, still there": ((HUNG,), "the boot did not end by itself"),
    "never ready, stopped by us": ((HUNG, ENDED), "the boot did not end by itself"),
    "told": ((FAILED, line("startup failed: away: for good"), LEFT_3), []),
    "told, exit 0": ((FAILED, line("CacheError: away: for good"), LEFT_0), ["0"]),
    "not told": ((FAILED, line("bye"), LEFT_3), ["no line of the log has it"]),
    "neither": ((FAILED, LEFT_0), ["0", "no line of the log has it"]),
    "only the first needs to be told": (
        (FAILED, lifespan(told=True, received=True), line("away: for good"), LEFT_3),
        [],
    ),
    "ended, and nothing failed": ((LEFT_3,), []),
}


@pytest.mark.parametrize(("events", "expected"), TELLS.values(), ids=TELLS)
def test_tells_its_failures(events: tuple[Event, ...], expected: Said):
    """A failure reaches exit code and log, and does not end in a ready application."""
    assert expected == said(started.tells_its_failures, events, TARGET)


LIMIT = TARGET + "[startup]\nmax_seconds = 2.0\n"
IN_TIME: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "in time": ((READY,), LIMIT, []),
    "late": ((Ready(at=2.345),), LIMIT, ["2.35 s"]),
    "never": ((), LIMIT, UNREADY),
    "up already": ((READY,), URL, "the application was up already"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), IN_TIME.values(), ids=IN_TIME)
def test_ready_in_time(events: tuple[Event, ...], toml: str, expected: Said):
    """The time from spawn to ready is held against startup.max_seconds."""
    assert expected == said(started.ready_in_time, events, toml)


BLOCKED = LoopBlocked(at=1.2, seconds=1.5, stack='  File "app.py", line 3, in start\n    time.sleep(1.5)')
LOOP: dict[str, tuple[tuple[Event, ...], Said]] = {
    "turns": ((AGENT,), []),
    "blocked": ((AGENT, BLOCKED), ['still for 1.50 s in\n  File "app.py", line 3, in start\n    time.sleep(1.5)']),
    "blocked, nobody knows where": ((AGENT, LoopBlocked(at=1.2, seconds=2, stack="")), ["still for 2.00 s in"]),
    "outside": ((READY,), OUTSIDE),
}


@pytest.mark.parametrize(("events", "expected"), LOOP.values(), ids=LOOP)
def test_loop_turns(events: tuple[Event, ...], expected: Said):
    """Each time that the event loop stood still is a finding, with what ran meanwhile."""
    assert expected == said(started.loop_turns, events, TARGET)


NETWORK: dict[str, tuple[tuple[Event, ...], Said]] = {
    "quiet": ((AGENT,), []),
    "both, in the order of time": (
        (
            AGENT,
            Reached(at=0.9, address="10.0.0.1:443", where="app.py:3"),
            LookedUp(at=0.4, host="licences.example.com", where="app.py:2"),
        ),
        ["looked up licences.example.com", "connected to 10.0.0.1:443"],
    ),
    "outside": ((READY,), OUTSIDE),
}


@pytest.mark.parametrize(("events", "expected"), NETWORK.values(), ids=NETWORK)
def test_stays_inside(events: tuple[Event, ...], expected: Said):
    """Each connection and each look-up that the contract does not declare is a finding."""
    assert expected == said(started.stays_inside, events, TARGET)


def snapshot(*tools: str) -> Snapshot:
    """Return what a process holds, with these test tools."""
    return Snapshot(
        at=2.1, when="ready", tasks=(), threads=(), peers=(), descriptors=9, memory=0, test_tools=tools
    )  # fmt: skip


TOOLS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "none": ((AGENT, snapshot()), []),
    "two": (
        (AGENT, snapshot("_pytest", "pytest")),
        ["_pytest is loaded; nothing of ours loads it", "pytest is loaded; nothing of ours loads it"],
    ),
    "never looked": ((AGENT,), UNREADY),
    "outside": ((READY,), OUTSIDE),
}


@pytest.mark.parametrize(("events", "expected"), TOOLS.values(), ids=TOOLS)
def test_does_not_notice(events: tuple[Event, ...], expected: Said):
    """Each test framework that is loaded is a finding."""
    assert expected == said(started.does_not_notice, events, TARGET)


OTHER = Answered(at=2.5, pid=0, ours=False)
ITSELF: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "ours": ((READY, ANSWERED), TARGET, []),
    "another": ((READY, OTHER, ENDED), TARGET, ["another process listens there"]),
    "nobody, since it had died": (
        (READY, OTHER, CRASHED),
        TARGET,
        "the process had ended by itself before it was looked at",
    ),
    "never": ((), TARGET, UNREADY),
    "up already": ((READY,), URL, "the application was up already"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), ITSELF.values(), ids=ITSELF)
def test_answers_itself(events: tuple[Event, ...], toml: str, expected: Said):
    """Whoever listens on the port has to belong to this boot."""
    assert expected == said(started.answers_itself, events, toml)
