"""Starts that are disturbed as a whole, and starts after starts: on an application of a few lines."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pytest_startup.events.edge import PoolUsed, TapState
from pytest_startup.events.inside import LifespanBegan, PhaseEntered, PortBound
from pytest_startup.events.process import (
    BootedAgain,
    Exited,
    FaultFelt,
    LifespanEnded,
    LifespanRepeated,
    LogLine,
    Ready,
    RivalRan,
)
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, PhaseFault, StartFault, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import asyncio, os, pathlib

    class State:
        pass

    class App:
        def __init__(self):
            self.state = State()

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                try:
                    await start(self.state)
                except RuntimeError as error:
                    return await send({"type": "lifespan.startup.failed", "message": str(error)})
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await stop(self.state)
                return await send({"type": "lifespan.shutdown.complete"})
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"here"})

    app = App()
"""
PHASES = """
    [launch]
    target = "app:app"
    boot_timeout = 10
    [[phases]]
    name = "first"
    callable = "app:first"
    [[phases]]
    name = "second"
    callable = "app:second"
"""
PLAIN_PHASES = """
    async def first(state):
        await asyncio.sleep(0.01)

    async def second(state):
        await asyncio.sleep(0.01)

    async def start(state):
        await first(state)
        await second(state)

    async def stop(state):
        pass
"""
KEEPS = """
    kept = []

    async def start(state):
        kept.append(open(__file__))
        kept.append(bytearray(20 << 20))

    async def stop(state):
        pass
"""
REFUSES = PLAIN_PHASES.replace(
    "async def start(state):",
    """async def start(state):
        if vars(state):
            raise RuntimeError('started already')
        state.begun = True""",
)
LOCKS = PLAIN_PHASES.replace(
    "async def first(state):",
    "async def first(state):\n        pathlib.Path('lock').touch(exist_ok=False)",
)


def _entered(trace: Trace) -> list[str]:
    return [event.phase for event in trace.all(PhaseEntered)]


def test_twice_at_once(writes: Writes, boots: Boots):
    """A second lifespan begins beside the first, is reported, and ends with it."""
    trace = boots(writes(APPLICATION + PLAIN_PHASES, PHASES), Variation(faults=(StartFault("twice"),)))
    assert ["first", "first", "second", "second"] == sorted(_entered(trace))
    assert trace.first(FaultFelt, fault="twice", subject="startup") is not None
    assert [""] == [event.error for event in trace.all(LifespanRepeated)]
    assert trace.first(Ready) is not None
    assert True is trace.all(Exited)[0].asked


def test_twice_at_once_and_the_second_fails(writes: Writes, boots: Boots):
    """What the second lifespan says of its failure is kept; the first one serves all the same."""
    trace = boots(writes(APPLICATION + REFUSES, PHASES), Variation(faults=(StartFault("twice"),)))
    assert ["started already"] == [event.error for event in trace.all(LifespanRepeated)]
    assert trace.first(Ready) is not None


def test_lifespans_in_a_row(writes: Writes, boots: Boots):
    """A process goes through several lifespans; only the last is in the trace as such, and it serves."""
    trace = boots(writes(APPLICATION + PLAIN_PHASES, PHASES), Variation(lifespans=4))
    ended = trace.all(LifespanEnded)
    assert [1, 2, 3] == [event.number for event in ended]
    assert [""] * 3 == [event.error for event in ended]
    assert 1 == len({event.descriptors for event in ended[1:]})
    assert ["first", "second"] == _entered(trace)
    assert 1 == len(trace.all(LifespanBegan))
    assert trace.first(Ready) is not None


def test_what_each_lifespan_leaves_is_measured(writes: Writes, boots: Boots):
    """Memory and descriptors that a start keeps show after each lifespan."""
    trace = boots(writes(APPLICATION + KEEPS), Variation(lifespans=4))
    ended = trace.all(LifespanEnded)
    assert [1, 1] == [later.descriptors - earlier.descriptors for earlier, later in pairwise(ended)]
    assert ended[2].memory - ended[1].memory > 18 << 20


def test_a_lifespan_that_cannot_be_repeated(writes: Writes, boots: Boots):
    """Where the second start fails, that is told, and no third one is tried."""
    trace = boots(writes(APPLICATION + REFUSES, PHASES), Variation(lifespans=4))
    assert ["", "started already"] == [event.error for event in trace.all(LifespanEnded)]


def test_port_taken(writes: Writes, boots: Boots):
    """The server finds its port in use; the application never listens."""
    trace = boots(writes(APPLICATION + PLAIN_PHASES, PHASES), Variation(faults=(StartFault("port-taken"),)))
    assert trace.first(PortBound) is None
    (exited,) = trace.all(Exited)
    assert (False, True) == (exited.asked, exited.code != 0)
    assert any("in use" in line.text for line in trace.all(LogLine))


def test_port_raced(writes: Writes, boots: Boots):
    """Two instances start for one port: one of them is ready, and the other ends because of it."""
    trace = boots(writes(APPLICATION + PLAIN_PHASES, PHASES), Variation(faults=(StartFault("port-raced"),)))
    (rival,) = trace.all(RivalRan)
    won = trace.first(Ready) is not None
    assert won is not rival.ready
    code = rival.code if won else trace.all(Exited)[0].code
    assert code not in (None, 0)
    log = rival.log if won else [line.text for line in trace.all(LogLine)]
    assert any("in use" in line for line in log)


@pytest.mark.parametrize(
    ("source", "ready", "observed"),
    [
        (PLAIN_PHASES, True, ""),
        (LOCKS, False, "phase first failed: FileExistsError: [Errno 17] File exists: 'lock'"),
    ],
    ids=["clean", "a lock is left"],
)
def test_booted_again(source: str, observed: str, writes: Writes, boots: Boots, *, ready: bool):
    """After the failed boot another one follows; how that ended is in the trace of the first."""
    failing = Variation(faults=(PhaseFault("second", "raises"),), again=True)
    trace = boots(writes(APPLICATION + source, PHASES), failing)
    (again,) = trace.all(BootedAgain)
    assert (ready, observed) == (again.ready, again.observed)
    assert ["first", "second"] == _entered(trace)
    assert 1 == len(trace.all(Exited))


CLIENT = """
    async def ping():
        reader, writer = await asyncio.open_connection(os.environ["HOST"], os.environ["PORT"])
        try:
            password = os.environ["PASSWORD"].encode()
            writer.write(b"AUTH %b\\r\\nPING\\r\\n" % password)
            await reader.readline()
            await asyncio.sleep(0.05)
            return b"PONG" in await reader.readline()
        finally:
            writer.close()

    async def start(state):
        state.connection = await asyncio.open_connection(os.environ["HOST"], os.environ["PORT"])

    async def stop(state):
        state.connection[1].close()
"""
POOL = """
    [launch]
    target = "app:app"
    [launch.env]
    HOST = "{redis.host}"
    PORT = "{redis.port}"
    PASSWORD = "{redis.password}"
    [services.redis]
    canary = "app:ping()"
    pool = { size = 1, most = 6 }
"""


def test_pool_used(writes: Writes, boots: Boots):
    """A service is used as often at once as its pool promises, and the connections meanwhile are counted."""
    trace = boots(writes(APPLICATION + CLIENT, POOL), Variation(exercise=Exercise("use")))
    assert 1 == trace.all(TapState, service="redis")[0].open
    (used,) = trace.all(PoolUsed)
    assert (6, 6, "returned True") == (used.asked, used.worked, used.observed)
    assert 6 <= used.open <= 7
