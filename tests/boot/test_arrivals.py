"""When components come to be, what phases add to the memory, and which connections are left: on a small application."""

from __future__ import annotations

import pytest

from pytest_startup.boot import record
from pytest_startup.checks import components, memory, stopped
from pytest_startup.contract.model import Contract
from pytest_startup.events.inside import ComponentAttached, MemoryMeasured, PhaseEntered, PhaseLeft, Snapshot
from pytest_startup.events.process import Ready
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace

from .conftest import Boots, Writes, written

APPLICATION = """
    import asyncio, os, socket, threading

    box = None
    late = None

    class State:
        pass

    class App:
        made = "at import"

        def __init__(self):
            self.state = State()

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                scope["state"]["pool"] = await start(self.state)
                await load(self.state)
                print("line begins", flush=True)
                await asyncio.sleep(0.05)
                print("line ends", flush=True)
                await send({"type": "lifespan.startup.complete"})
                self.state.complete.set()
                await receive()
                CLOSE
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"here"})

        def make(self):
            return object()

    async def start(state):
        global box
        state.table = []
        state.plain = object()
        state.inner = State()
        state.inner.part = object()
        state.options = {}
        await asyncio.sleep(0.1)
        state.table.append("one")
        state.filled = object()
        state.options["key"] = object()
        thread = threading.Thread(target=setattr, args=(state, "threaded", object()))
        thread.start()
        thread.join()
        box = object()
        state.client = socket.create_connection(("127.0.0.1", int(os.environ["REDIS_PORT"])))
        state.complete = asyncio.Event()
        state.finishing = asyncio.ensure_future(finish(state))
        return [1]

    async def finish(state):
        await state.complete.wait()
        state.late = object()

    async def load(state):
        state.weights = b"w" * (50 << 20)

    app = App()
"""

CONTRACT = """
[launch]
target = "app:app"
[launch.env]
REDIS_PORT = "{redis.port}"
[services.redis]
[startup]
order = "partial"
max_mib = 20
[[phases]]
name = "start"
callable = "app:start"
provides = ["plain", "pool", "filled", "late"]
[[phases]]
name = "load"
callable = "app:load"
max_mib = 30
[[phases]]
name = "line"
log_enter = "line begins"
log = "line ends"
max_mib = 500
[components]
made = "app.made"
plain = { at = "app.state.plain", within = 0.05 }
table = { at = "app.state.table", not_empty = true, after = ["plain"] }
filled = { at = "app.state.filled", within = 0.05, after = ["table"] }
part = "app.state.inner.part"
key = { at = "app.state.options.key", after = ["filled"] }
threaded = { at = "app.state.threaded", after = ["key"] }
box = "app:box"
pool = "lifespan.pool"
nobody = { at = "app.state.nobody", optional = true }
maker = { at = "app.make()", after = ["plain"] }
late = { at = "app.state.late", optional = true }
"""

Observed = tuple[Contract, Trace]


@pytest.fixture(scope="module")
def observed(keeper: Keeper, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """One boot of the application, which leaves its connection open."""
    declared = written(tmp_path_factory.mktemp("arrivals"), APPLICATION.replace("CLOSE", "pass"), CONTRACT)
    return declared, record(declared, keeper)


def _attached(trace: Trace, name: str) -> ComponentAttached:
    (found,) = trace.all(ComponentAttached, component=name)
    return found


EXACT = ("plain", "part", "filled", "threaded", "late")
POLLED = ("made", "table", "key", "box", "pool")


@pytest.mark.parametrize("name", EXACT)
def test_a_write_is_seen_as_such(observed: Observed, name: str):
    """Where a place is a path of attributes of objects, its moment is known: to the write, in whatever thread."""
    found = _attached(observed[1], name)
    assert 0 <= found.at - found.began < 0.005


@pytest.mark.parametrize("name", POLLED)
def test_what_cannot_be_watched_is_looked_for(observed: Observed, name: str):
    """An item, a global, the lifespan's state, what is filled later: it came between two looks."""
    found = _attached(observed[1], name)
    assert found.began < found.at


def test_not_before_it_holds_something(observed: Observed):
    """What must not be empty has come when there is something in it."""
    entered = observed[1].first(PhaseEntered, phase="start")
    assert entered is not None
    assert _attached(observed[1], "plain").at - entered.at < 0.05
    assert _attached(observed[1], "table").began - entered.at > 0.05


def test_what_never_comes(observed: Observed):
    """What is not there, and what is made by a call, is never told of."""
    assert [] == [event for event in observed[1].all(ComponentAttached) if event.component in {"nobody", "maker"}]


ORDER = {
    ("plain", "table"): [],
    ("table", "filled"): [],
    ("filled", "key"): [],
    ("key", "threaded"): [],
    ("threaded", "plain"): ["plain was there"],
    ("filled", "table"): ["they came so soon", "table was there"],
    ("plain", "maker"): ["maker is made by a call"],
}


@pytest.mark.parametrize("pair", ORDER, ids="-".join)
def test_order(observed: Observed, pair: tuple[str, str]):
    """Of what was written, and what was looked for, it is known which came first."""
    declared, trace = observed
    verdict = components.follows(trace, declared, pair)
    said = [verdict.reason] if isinstance(verdict, NotCovered) else [each.observed for each in verdict]
    assert len(said) == bool(ORDER[pair])
    assert all(text.startswith(tuple(ORDER[pair])) for text in said)


@pytest.mark.parametrize(("name", "good"), [("plain", True), ("pool", True), ("filled", True), ("late", False)])
def test_provided(observed: Observed, name: str, *, good: bool):
    """What a phase returns is there in time; what it leaves to somebody later is not."""
    declared, trace = observed
    verdict = components.is_provided(trace, declared, name)
    assert good is (verdict == [])
    assert not isinstance(verdict, NotCovered) or trace.all(ComponentAttached, component=name) == []


@pytest.mark.parametrize(("name", "good"), [("plain", True), ("filled", False)])
def test_in_time(observed: Observed, name: str, *, good: bool):
    """The time from the beginning of the phase is that of the write."""
    declared, trace = observed
    verdict = components.in_time(trace, declared, name)
    assert not isinstance(verdict, NotCovered)
    assert good is (verdict == [])


def test_memory(observed: Observed):
    """What a phase loads is seen in its memory, and in that of the ready process."""
    declared, trace = observed
    grown, line, ready = (
        memory.of_phase(trace, declared, "load"),
        memory.of_phase(trace, declared, "line"),
        memory.when_ready(trace, declared, ""),
    )
    assert not isinstance(grown, NotCovered)
    assert [each.observed.partition(".")[0] for each in grown] in (["49"], ["50"], ["51"])
    assert [] == line
    assert not isinstance(ready, NotCovered)
    assert ready
    whens = [(event.phase, event.when) for event in trace.all(MemoryMeasured)]
    assert len(set(whens)) == len(whens) == 2 * len(declared.phases)


def test_its_phases_are_whole(observed: Observed):
    """Watching writes does not disturb the application."""
    trace = observed[1]
    assert trace.first(Ready) is not None
    assert {"start", "load", "line"} == {event.phase for event in trace.all(PhaseLeft)}


@pytest.mark.parametrize(
    ("close", "left"),
    [
        ("pass", 1),
        ("self.state.client.close()", 0),
        ("asyncio.get_running_loop().call_later(0.05, self.state.client.close)", 0),
    ],
    ids=["forgotten", "closed", "closed in a moment"],
)
def test_connections(close: str, left: int, writes: Writes, boots: Boots):
    """A connection that outlives the shutdown is told, by the name of its service; one that is being closed is not."""
    declared = writes(APPLICATION.replace("CLOSE", close), CONTRACT)
    trace = boots(declared)
    verdict = stopped.closes_its_connections(trace, declared, "")
    assert not isinstance(verdict, NotCovered)
    assert ["redis"] * left == [each.subject for each in verdict]
    assert trace.first(Snapshot, when="stopped") is not None
