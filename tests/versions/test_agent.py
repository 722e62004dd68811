"""The agent in interpreters of the application that are not ours."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_startup.boot import record
from pytest_startup.clock import Deadline
from pytest_startup.contract.reader import read
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import (
    AgentAttached,
    ComponentResolved,
    GraceLookedAt,
    LinkResolved,
    LookedUp,
    MemoryMeasured,
    PhaseEntered,
    PhaseLeft,
    PhaseRepeated,
    Reached,
    Snapshot,
    TimeUnmovable,
)
from pytest_startup.events.process import FaultFelt, FaultPlanned, OrderShuffled, Ready
from pytest_startup.services import Keeper, ServiceOptions, new_session_id
from pytest_startup.variation import Exercise, PhaseFault, Variation

APPLICATION = """
import asyncio, functools, socket, types
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

def timed(function):
    @functools.wraps(function)
    async def inner(*args, **kwargs):
        return await function(*args, **kwargs)
    return inner

async def plain(app, *, seconds=0.01):
    await asyncio.sleep(seconds)

@timed
async def decorated(app):
    app.state.engine = object()
    app.state.holder = types.SimpleNamespace(engine=app.state.engine)

class Phases:
    def __init__(self, app):
        self.app = app
    def _method(self, mode="late"):
        super().__init__()
        self.app.state.mode = mode
    @staticmethod
    async def fixed(app):
        socket.socket().connect_ex(("127.0.0.1", 9))
        try:
            socket.getaddrinfo("nowhere.invalid", 80)
        except OSError:
            pass

TABLE = [plain, decorated, Phases.fixed]

@asynccontextmanager
async def lifespan(app):
    app.state.phase = "running"
    for phase in TABLE:
        await phase(app)
    Phases(app)._method()
    app.state.phase = "done"
    yield {"pool": [1, 2]}

async def ready(request):
    return JSONResponse({"up": True}, 200 if request.app.state.phase == "done" else 503)

def make():
    sub = Starlette()
    sub.state.engine = "another"
    return Starlette(lifespan=lifespan, routes=[Route("/ready", ready), Mount("/sub", sub)])
"""

CONTRACT = """
[launch]
factory = "app:make"
interpreter = "{python}"
[startup]
order = "partial"
[[phases]]
name = "plain"
callable = "app:plain"
[[phases]]
name = "decorated"
callable = "app:decorated"
after = ["plain"]
[[phases]]
name = "static"
callable = "app:Phases.fixed"
[[phases]]
name = "method"
callable = "app:Phases._method"
[[phases]]
name = "state"
state = "app.state.phase"
value = "running"
[[phases]]
name = "attribute"
attribute = "app.state.mode"
[[phases]]
name = "line"
log = "Application startup complete"
[components]
engine = "app.state.engine"
pool = "lifespan.pool"
other = 'app["/sub"].state.engine'
table = "app:TABLE"
holder = "app.state.holder"
[wiring]
"holder.engine" = "engine"
"pool.copy()" = "pool"
[health]
readiness = "/ready"
"""

PHASES = ["plain", "decorated", "static", "method", "state", "attribute", "line"]


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_everything_is_seen_from_inside(version: str, environment: Callable[..., Path], tmp_path: Path) -> None:
    """Every signal, component and link, health while starting, and the network are seen in this Python."""
    python = environment(version, "uvicorn", "starlette")
    (tmp_path / "app.py").write_text(textwrap.dedent(APPLICATION))
    (tmp_path / "startup.toml").write_text(CONTRACT.replace("{python}", str(python)))
    declared = read(tmp_path / "startup.toml")
    joining = Deadline.after(30, "the keeper")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        trace = record(declared, keeper)

    attached = trace.first(AgentAttached)
    assert attached is not None
    assert attached.python.startswith(f"{version}.")
    assert trace.first(Ready) is not None
    assert dict.fromkeys(PHASES, 1) == {name: len(trace.all(PhaseEntered, phase=name)) for name in PHASES}
    assert dict.fromkeys(PHASES, 1) == {name: len(trace.all(PhaseLeft, phase=name)) for name in PHASES}
    assert {"503"} == {each.answer for each in trace.all(Probed, vantage="inside", role="readiness")[:4]}
    found = {each.component: (each.present, each.type, each.size) for each in trace.all(ComponentResolved)}
    assert found == {
        "engine": (True, "object", None),
        "pool": (True, "list", 2),
        "other": (True, "str", 7),
        "table": (True, "list", 3),
        "holder": (True, "SimpleNamespace", None),
    }
    assert {each.link: each.holds for each in trace.all(LinkResolved)} == {"holder.engine": True, "pool.copy()": False}
    assert [each.address for each in trace.all(Reached)] == ["127.0.0.1:9"]
    assert [each.host for each in trace.all(LookedUp)] == ["nowhere.invalid"]
    assert [each.test_tools for each in trace.all(Snapshot)] == [(), ()]


FAULTS = {
    "plain": ("slow", 0.05),
    "decorated": ("half-done", 0.0),
    "static": ("twice", 0.0),
    "method": ("slow", 0.05),
    "state": ("slow", 0.05),
    "attribute": ("half-done", 0.0),
    "line": ("slow", 0.05),
}


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_every_fault_strikes(version: str, environment: Callable[..., Path], tmp_path: Path) -> None:
    """Phases are struck by every kind of signal, on a loop with a seed, and the application goes on in this Python."""
    python = environment(version, "uvicorn", "starlette")
    (tmp_path / "app.py").write_text(textwrap.dedent(APPLICATION))
    provided = CONTRACT.replace('"app:decorated"', '"app:decorated"\nprovides = ["engine"]')
    (tmp_path / "startup.toml").write_text(provided.replace("{python}", str(python)))
    faults = tuple(PhaseFault(phase, kind, seconds) for phase, (kind, seconds) in FAULTS.items())
    joining = Deadline.after(30, "the keeper")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        trace = record(read(tmp_path / "startup.toml"), keeper, Variation(faults, seed=3))
    assert trace.first(Ready) is not None
    assert [3] == [event.seed for event in trace.all(OrderShuffled)]
    assert dict(FAULTS) == {each.subject: (each.fault, each.seconds) for each in trace.all(FaultPlanned)}
    assert set(FAULTS) == {event.subject for event in trace.all(FaultFelt)}
    assert [("static", "")] == [(event.phase, event.error) for event in trace.all(PhaseRepeated)]
    assert sorted(PHASES) == sorted(event.phase for event in trace.all(MemoryMeasured, when="left"))
    found = {event.component: event.present for event in trace.all(ComponentResolved)}
    assert (False, True) == (found["engine"], found["pool"])


CLOCK = """
import time
BEGUN = time.monotonic()

def now():
    return "over" if time.monotonic() - BEGUN > 10 else "waiting"
"""

PATIENCE = """
[[grace]]
name = "patience"
seconds = 10
without = "app:plain"
status = "app:now()"
during = "waiting"
after = "over"
"""


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13"])
def test_time_is_moved(version: str, environment: Callable[..., Path], tmp_path: Path) -> None:
    """Our freezegun moves the time of an application in this Python, where it is not installed."""
    python = environment(version, "uvicorn", "starlette")
    (tmp_path / "app.py").write_text(textwrap.dedent(APPLICATION) + CLOCK)
    (tmp_path / "startup.toml").write_text(CONTRACT.replace("{python}", str(python)) + PATIENCE)
    joining = Deadline.after(30, "the keeper")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        trace = record(read(tmp_path / "startup.toml"), keeper, Variation(exercise=Exercise("grace", "patience")))
    assert [] == trace.all(TimeUnmovable)
    assert ["waiting", "waiting", "over"] == [look.status for look in trace.all(GraceLookedAt)]
