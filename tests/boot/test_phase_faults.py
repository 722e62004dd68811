"""Faults of phases: each strikes, and does what it says, for every kind of signal."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_startup.boot import Boot, record
from pytest_startup.contract.model import Contract
from pytest_startup.errors import BootError
from pytest_startup.events.base import Event
from pytest_startup.events.inside import (
    ComponentResolved,
    MemoryMeasured,
    PhaseEntered,
    PhaseFailed,
    PhaseLeft,
    PhaseRepeated,
)
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, Killed, LogLine, Ready
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, PhaseFault, PhaseFaultKind, Variation

from .conftest import Boots, Writes, written

APPLICATION = """
    import asyncio, logging, os, socket, sys

    logging.basicConfig(stream=sys.stdout, level="INFO", format="%(levelname)s said: %(message)s")

    class State:
        phase = None

    class App:
        def __init__(self):
            self.state = State()

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await start(self.state)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"here"})

    async def awaited(state, *, fails=()):
        calls.append("awaited")
        await asyncio.sleep(0.01)
        state.one = object()
        if len(calls) > 1 and fails:
            raise ValueError("the second time")

    def called(state):
        state.two = object()
        return state.two

    async def start(state):
        await asyncio.wait_for(awaited(state, fails=os.environ.get("FAILS")), 60)
        assert called(state) is not None
        state.phase = "stated"
        state.three = object()
        state.phase = None
        state.four = object()
        state.five = object()
        logging.getLogger("a.b").info("five is %s", "open")
        logging.getLogger("a.b").info("six begins")
        state.six = object()
        logging.getLogger("a.b").info("six is open")
        state.seven = state.eight = object()
        print("seven is open", flush=True)
        with socket.create_connection(("127.0.0.1", int(os.environ["REDIS_PORT"]))):
            pass
        print("over", flush=True)

    calls = []
    app = App()
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 0.3
[launch.env]
REDIS_PORT = "{redis.port}"
[services.redis]
[components]
one = "app.state.one"
two = "app.state.two"
three = "app.state.three"
four = "app.state.four"
five = "app.state.five"
six = "app.state.six"
seven = "app.state.seven"
eight = "app.state.eight"
[[phases]]
name = "awaited"
callable = "app:awaited"
provides = ["one"]
[[phases]]
name = "called"
callable = "app:called"
provides = ["two"]
[[phases]]
name = "stated"
state = "app.state.phase"
value = "stated"
provides = ["three"]
[[phases]]
name = "attributed"
attribute = "app.state.four"
[[phases]]
name = "logged"
log = "^INFO said: five is open"
provides = ["five"]
[[phases]]
name = "spanned"
log = "six is open"
log_enter = "six begins"
provides = ["six"]
[[phases]]
name = "printed"
log = "seven is open"
provides = ["seven"]
[[phases]]
name = "touched"
touch = "redis"
provides = ["eight"]
"""

POOL = 4
CALLABLES = ["awaited", "called"]
SIGNALS = ["awaited", "called", "stated", "attributed", "logged", "spanned"]
UNSEEN = ["printed", "touched"]
ORDER = [*SIGNALS, *UNSEEN]


Traces = Callable[[Variation], Trace]


def _with(phase: str, kind: PhaseFaultKind, seconds: float = 0.0) -> Variation:
    return Variation(faults=(PhaseFault(phase, kind, seconds),))


NEVER_FELT = [*((phase, kind) for phase in UNSEEN for kind in ("raises", "half-done")), ("stated", "twice")]
RECORDED = [
    PLAIN,
    *(_with(phase, kind) for phase in SIGNALS for kind in ("raises", "half-done")),
    *(_with(phase, "slow", 0.3) for phase in SIGNALS),
    *(_with(phase, "twice") for phase in CALLABLES),
    *(_with(phase, kind) for phase, kind in NEVER_FELT),
]
HUNG = [_with(phase, "hangs") for phase in SIGNALS]


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """An application with a phase for every kind of signal."""
    return written(tmp_path_factory.mktemp("application"), APPLICATION, CONTRACT)


@pytest.fixture(scope="module")
def traces(contract: Contract, keeper: Keeper) -> Iterator[Traces]:
    """The traces of all variations, several booted at a time."""
    with ThreadPoolExecutor(POOL) as pool:
        booted = {variation: pool.submit(record, contract, keeper, variation) for variation in RECORDED}
        booted |= {variation: pool.submit(_until_felt, contract, keeper, variation) for variation in HUNG}
        yield lambda variation: booted[variation].result(60)


def _until_felt(contract: Contract, keeper: Keeper, variation: Variation) -> Trace:
    """Boot until the fault strikes, and stop."""
    struck = threading.Event()

    def notice(event: Event) -> None:
        if isinstance(event, FaultFelt):
            struck.set()

    with Boot(contract, keeper, variation, notice) as boot:
        assert struck.wait(30)
    return boot.trace


def _names(trace: Trace, kind: type[PhaseEntered | PhaseLeft]) -> list[str]:
    """Return the phases in the order of the contract: what comes by log, tap and agent is not exactly in order."""
    return sorted((event.phase for event in trace.all(kind)), key=ORDER.index)


def test_without_a_fault_nothing_strikes(traces: Traces) -> None:
    """The same application passes through all of its phases, and its memory is measured after each."""
    trace = traces(PLAIN)
    assert ORDER == _names(trace, PhaseEntered) == _names(trace, PhaseLeft)
    assert sorted(ORDER) == sorted(event.phase for event in trace.all(MemoryMeasured, when="left"))
    assert all(1_000_000 < event.bytes < 1_000_000_000 for event in trace.all(MemoryMeasured))
    assert [] == [*trace.all(FaultPlanned), *trace.all(FaultFelt)]
    assert trace.first(Ready) is not None


@pytest.mark.parametrize("phase", SIGNALS)
def test_raises(traces: Traces, phase: str) -> None:
    """A phase that raises says that this was injected and where, has failed, and nothing comes after it."""
    trace = traces(_with(phase, "raises"))
    assert [(0.0, "raises", phase)] == [(e.at, e.fault, e.subject) for e in trace.all(FaultPlanned)]
    assert [("raises", phase)] == [(e.fault, e.subject) for e in trace.all(FaultFelt)]
    error = f"RuntimeError: injected fault: phase {phase} raises"
    assert [(phase, error)] == [(event.phase, event.error) for event in trace.all(PhaseFailed)]
    before = ORDER[: ORDER.index(phase)]
    assert before == _names(trace, PhaseLeft)
    assert [*before, phase] == _names(trace, PhaseEntered)
    assert any(error in line.text for line in trace.all(LogLine))
    exited = trace.first(Exited)
    assert exited is not None
    assert (3, False) == (exited.code, exited.asked)


@pytest.mark.parametrize("phase", SIGNALS)
def test_hangs(traces: Traces, phase: str) -> None:
    """A phase that hangs has begun and does not end, and the boot ends when it is told to all the same."""
    trace = traces(_with(phase, "hangs"))
    before = ORDER[: ORDER.index(phase)]
    assert before == _names(trace, PhaseLeft)
    assert [*before, phase] == _names(trace, PhaseEntered)
    assert trace.first(Killed) is not None


def test_an_async_hang_can_be_cancelled(writes: Writes, boots: Boots) -> None:
    """An application which limits the time of an async phase ends by its own limit."""
    source = APPLICATION.replace("60)", "0.2)")
    trace = boots(writes(source, CONTRACT), _with("awaited", "hangs"))
    exited = trace.first(Exited)
    assert exited is not None
    assert (3, False) == (exited.code, exited.asked)
    assert ["awaited"] == [event.phase for event in trace.all(PhaseFailed)]


@pytest.mark.parametrize("phase", SIGNALS)
def test_slow(traces: Traces, phase: str) -> None:
    """A slow phase ends later by what it was slowed by, and everything goes on as ever."""
    trace = traces(_with(phase, "slow", 0.3))
    felt, left = trace.first(FaultFelt, fault="slow", subject=phase), trace.first(PhaseLeft, phase=phase)
    assert felt is not None
    assert left is not None
    assert 0.29 < left.at - felt.at
    assert ORDER == _names(trace, PhaseEntered) == _names(trace, PhaseLeft)
    assert trace.first(Ready) is not None


PROVIDED = dict(zip(SIGNALS, ["one", "two", "three", "four", "five", "six"], strict=True))


@pytest.mark.parametrize("phase", SIGNALS)
def test_half_done(traces: Traces, phase: str) -> None:
    """What a half-done phase provides is None afterwards, and only that; the phase itself ended well."""
    trace = traces(_with(phase, "half-done"))
    assert [("half-done", phase)] == [(e.fault, e.subject) for e in trace.all(FaultFelt)]
    present = {event.component: event.present for event in trace.all(ComponentResolved)}
    assert {name: name != PROVIDED[phase] for name in present} == present
    assert ORDER == _names(trace, PhaseLeft)


@pytest.mark.parametrize("phase", CALLABLES)
def test_twice(traces: Traces, phase: str) -> None:
    """A phase that runs twice at once is one phase to its caller; what became of the second call is told."""
    trace = traces(_with(phase, "twice"))
    assert [("twice", phase)] == [(e.fault, e.subject) for e in trace.all(FaultFelt)]
    assert [(phase, "")] == [(event.phase, event.error) for event in trace.all(PhaseRepeated)]
    assert ORDER == _names(trace, PhaseEntered) == _names(trace, PhaseLeft)
    assert trace.first(Ready) is not None


def test_twice_and_both_fail(writes: Writes, boots: Boots) -> None:
    """The error of the first call is its caller's; that of the second is told."""
    failing = CONTRACT.replace("[launch.env]", '[launch.env]\nFAILS = "yes"')
    trace = boots(writes(APPLICATION, failing), _with("awaited", "twice"))
    assert ["ValueError: the second time"] == [event.error for event in trace.all(PhaseRepeated)]
    assert [("awaited", "ValueError: the second time")] == [(e.phase, e.error) for e in trace.all(PhaseFailed)]


@pytest.mark.parametrize(("phase", "kind"), NEVER_FELT)
def test_never_felt(traces: Traces, phase: str, kind: PhaseFaultKind) -> None:
    """Where a phase cannot be struck, the fault is planned and never felt, and nothing else happens."""
    trace = traces(_with(phase, kind))
    assert [phase] == [event.subject for event in trace.all(FaultPlanned)]
    assert [] == trace.all(FaultFelt)
    assert trace.first(Ready) is not None


NONSENSE = {
    "no such phase": (PhaseFault("nowhere", "raises"), "there is no phase 'nowhere'; phases declared: attributed, "),
    "twice the same": (PhaseFault("called", "slow"), "called has another one at the same time"),
}


@pytest.mark.parametrize(("fault", "says"), NONSENSE.values(), ids=NONSENSE)
def test_nonsense(contract: Contract, keeper: Keeper, fault: PhaseFault, says: str) -> None:
    """A fault of what there is not is an error before anything starts."""
    with pytest.raises(BootError, match=says):
        Boot(contract, keeper, Variation(faults=(PhaseFault("called", "raises"), fault)))


def test_events_are_told_as_they_come(contract: Contract, keeper: Keeper) -> None:
    """Whoever asks for progress is told of a fault while the boot is under way."""
    told: list[Event] = []
    with Boot(contract, keeper, _with("awaited", "slow", 0.1), told.append) as boot:
        assert boot.until_ready()
        assert any(isinstance(event, FaultFelt) for event in told)
