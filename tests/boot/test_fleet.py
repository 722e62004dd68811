"""Many boots at a time: none is made twice, in one process or in several, and none outlives its fleet."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from pytest_startup.baseline import Baseline
from pytest_startup.boot.cores import Cores
from pytest_startup.boot.fleet import Fleet
from pytest_startup.boot.process import claim_port
from pytest_startup.boot.relay import Relay
from pytest_startup.clock import Deadline
from pytest_startup.errors import BootError
from pytest_startup.events.inside import Imported, PortBound
from pytest_startup.events.process import BootPaced, Ready, Spawned
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, Exercise, PhaseFault, ServiceFault, StartFault, Variation

from .conftest import Writes

APPLICATION = """
    import pathlib, os

    pathlib.Path(str(os.getpid()) + ".boot").touch()

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})
"""
HANGS = APPLICATION.replace("await receive()\n            await send", "import asyncio; await asyncio.sleep(60)", 1)
SEEDS = [Variation(seed=seed) for seed in range(4)]


def _boots(directory: Path) -> int:
    return len(list(directory.glob("*.boot")))


def test_each_variation_once(writes: Writes, keeper: Keeper, tmp_path: Path):
    """However often a trace is asked for, its boot is made once."""
    with Fleet.of(writes(APPLICATION), keeper) as fleet:
        fleet.begin(SEEDS)
        traces = [fleet.trace(variation) for variation in (*SEEDS, *SEEDS)]
    assert traces[:4] == traces[4:]
    assert all(trace.first(Ready) is not None for trace in traces)
    assert 4 == _boots(tmp_path)


def test_two_processes_share(writes: Writes, keeper: Keeper, tmp_path: Path):
    """Two fleets with one relay, as those of two workers, make each boot once, and both have every trace."""
    contract, relay = writes(APPLICATION), Relay(tmp_path / "relay")
    with Fleet.of(contract, keeper, relay, 2) as one, Fleet.of(contract, keeper, relay, 2) as other:
        one.begin(SEEDS)
        other.begin(reversed(SEEDS))
        assert [one.trace(variation) for variation in SEEDS] == [other.trace(variation) for variation in SEEDS]
    assert 4 == _boots(tmp_path)


def test_who_is_done_first_lets_others_have_it(writes: Writes, keeper: Keeper, tmp_path: Path):
    """A fleet that is closed ends the boots that it has claimed properly: another process waits for them."""
    contract, relay = writes(APPLICATION), Relay(tmp_path / "relay")
    with Fleet.of(contract, keeper, relay, 2) as other:
        with Fleet.of(contract, keeper, relay, 2) as one:
            one.begin([PLAIN])
            _until(lambda: bool(list((tmp_path / "relay").glob("*.claim"))))
        assert other.trace(PLAIN).first(Ready) is not None
    assert 1 == _boots(tmp_path)


def test_a_claim_of_a_process_that_died(writes: Writes, keeper: Keeper, tmp_path: Path):
    """Where the process that has claimed a boot is gone, whoever waits for it makes it."""
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    relay = Relay(tmp_path / "relay")
    relay.claim(PLAIN)
    next((tmp_path / "relay").glob("*.claim")).write_bytes(dead.stdout.strip())
    with Fleet.of(writes(APPLICATION), keeper, relay, 2) as fleet:
        assert fleet.trace(PLAIN).first(Ready) is not None


def test_a_boot_that_cannot_be_tried(writes: Writes, keeper: Keeper, tmp_path: Path):
    """Every process of a run is told why a boot cannot be tried."""
    contract, relay = writes(APPLICATION), Relay(tmp_path / "relay")
    impossible = Variation(faults=(PhaseFault("none", "raises"),))
    with Fleet.of(contract, keeper, relay, 2) as one, Fleet.of(contract, keeper, relay, 2) as other:
        for fleet in (one, other):
            with pytest.raises(BootError, match="there is no phase 'none'"):
                fleet.trace(impossible)


def test_close_ends_what_is_under_way(writes: Writes, keeper: Keeper):
    """A fleet that nobody else depends on is closed at once, and leaves no process behind."""
    spawned: list[int] = []
    seen = threading.Event()

    def on_event(event: object) -> None:
        if isinstance(event, Spawned):
            spawned.append(event.pid)
        if isinstance(event, Imported):
            seen.set()

    def wait(fleet: Fleet, found: list[Trace]) -> None:
        found.append(fleet.trace(PLAIN, on_event))

    found: list[Trace] = []
    closing = Deadline.after(8, "the end of a fleet")
    with Fleet.of(writes(HANGS), keeper) as fleet:
        waiting = threading.Thread(target=wait, args=(fleet, found))
        waiting.start()
        assert seen.wait(10)
    waiting.join(closing.remaining())
    closing.check()
    assert found[0].first(PortBound) is None
    assert not psutil.pid_exists(spawned[0])


def test_one_at_a_time_on_a_port_of_its_own(writes: Writes, keeper: Keeper):
    """An application that always takes the same port is booted one after the other, by all processes of a run."""
    port, claim = claim_port("127.0.0.1")
    contract = writes(APPLICATION, f'[launch]\ntarget = "app:app"\nport = {port}\n')
    claim.close()
    with Fleet.of(contract, keeper) as one, Fleet.of(contract, keeper) as other:
        one.begin(SEEDS[:2])
        other.begin(SEEDS[2:])
        traces = [fleet.trace(seed) for fleet, seeds in ((one, SEEDS[:2]), (other, SEEDS[2:])) for seed in seeds]
    assert [port] * 4 == [event.port for trace in traces for event in trace.all(PortBound)]
    assert all(trace.first(Ready) is not None for trace in traces)


def test_variations_that_differ_in_time_alone(tmp_path: Path):
    """Two faults that take another time are two boots, also for the processes of a run."""
    relay = Relay(tmp_path / "relay")
    slow = [Variation(faults=(ServiceFault("redis", "slow", seconds),)) for seconds in (0.05, 1.0)]
    assert [True, True] == [relay.claim(each) for each in slow]


def test_what_is_up_already_can_only_be_used(writes: Writes, keeper: Keeper):
    """Of an application which is there already nothing can be made to fail: no boot is made for that."""
    contract = writes(APPLICATION, '[launch]\nurl = "http://127.0.0.1:9"\nboot_timeout = 0.2\n')
    failing = Variation(faults=(StartFault("port-taken"),), again=True)
    with Fleet.of(contract, keeper) as fleet:
        assert fleet.trace(PLAIN) is fleet.trace(failing)


def test_cores_are_given_back_once():
    """A core is free again with the first event that tells of a started application, and only once."""
    cores = Cores(1)
    told = cores.take()
    told(Spawned(at=0.0, pid=1, command=(), directory=""))
    taken: list[object] = []
    second = threading.Thread(target=lambda: taken.append(cores.take()))
    second.start()
    second.join(0.05)
    assert second.is_alive()
    for event in (Imported(at=1.0, target="app:app", seconds=1.0), Ready(at=2.0), None):
        told(event)
    second.join(5)
    assert 1 == len(taken)
    third = threading.Thread(target=cores.take, daemon=True)
    third.start()
    third.join(0.05)
    assert third.is_alive()


def test_all_cores_at_once():
    """Whoever wants all cores has them once each was given back, one after another, and nobody has one beside."""
    cores, order = Cores(2), []
    told = cores.take()

    def gather() -> None:
        with cores.all():
            order.append("all")

    crowds = [threading.Thread(target=gather) for _ in range(2)]
    for crowd in crowds:
        crowd.start()
    crowds[0].join(0.05)
    assert not order
    order.append("given back")
    told(None)
    for crowd in crowds:
        crowd.join(5)
    assert ["given back", "all", "all"] == order
    with cores.all():
        late = threading.Thread(target=lambda: order.append(cores.take()))
        late.start()
        late.join(0.05)
        assert late.is_alive()
    late.join(5)
    assert 4 == len(order)


def _until(true: object) -> None:
    deadline, pause = Deadline.after(10, "a claim"), threading.Event()
    while not true():  # type: ignore[operator]
        deadline.check()
        pause.wait(0.01)


def test_pid_of_a_claim_is_ours(tmp_path: Path):
    """A claim says whose it is."""
    relay = Relay(tmp_path / "relay")
    assert (True, False) == (relay.claim(PLAIN), relay.claim(PLAIN))
    (claim,) = (tmp_path / "relay").iterdir()
    assert str(os.getpid()) == claim.read_text()


ONE_AFTER_ANOTHER = """
    import os

    def note(what):
        with open("boots.log", "a") as log:
            log.write(what + " " + str(os.getpid()) + os.linesep)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            note("up")
            await send({"type": "lifespan.startup.complete"})
            await receive()
            note("down")
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})
"""


def test_time_is_taken_alone(writes: Writes, keeper: Keeper, tmp_path: Path):
    """Where time is taken, one boot comes after another and nothing goes on beside them, whoever was begun first."""
    pace = Variation(exercise=Exercise("pace"))
    contract = replace(writes(ONE_AFTER_ANOTHER), recorded=Baseline())
    with Fleet.of(contract, keeper) as fleet:
        fleet.begin([pace, *SEEDS])
        trace = fleet.trace(pace)
        assert all(fleet.trace(seed).first(Ready) for seed in SEEDS)
    assert 8 == len(trace.all(BootPaced))
    said = [line.split() for line in (tmp_path / "boots.log").read_text().splitlines()]
    alone = said[2 * len(SEEDS) :]
    assert ["up", "down"] * 9 == [what for what, _ in alone]
    assert all(up == down for (_, up), (_, down) in zip(alone[::2], alone[1::2], strict=True))


def test_nothing_is_imported_beside_a_crowd(writes: Writes, keeper: Keeper, tmp_path: Path):
    """From the start of a boot in which many come at once to its end, no other one is imported."""
    crowd = Variation(exercise=Exercise("crowd"))
    source = ONE_AFTER_ANOTHER.replace("    async def app", '    note("imported")\n\n    async def app')
    with Fleet.of(writes(source), keeper) as fleet:
        fleet.begin([*SEEDS[:2], crowd, *SEEDS[2:]])
        pid = str(fleet.trace(crowd).all(Spawned)[0].pid)
        assert all(fleet.trace(seed).first(Ready) for seed in SEEDS)
    said = [line.split() for line in (tmp_path / "boots.log").read_text().splitlines()]
    beside = said[said.index(["imported", pid]) + 1 : said.index(["down", pid])]
    assert ["up", pid] in beside
    assert "imported" not in [what for what, _ in beside]


def test_a_pace_that_breaks_off(writes: Writes, keeper: Keeper):
    """An application that does not start again ends the comparison, and nothing is concluded."""
    source = ONE_AFTER_ANOTHER.replace('note("up")', 'note("up"); open("once", "x").close()')
    contract = replace(writes(source), recorded=Baseline())
    with Fleet.of(contract, keeper) as fleet:
        trace = fleet.trace(Variation(exercise=Exercise("pace")))
    assert trace.first(Ready) is not None
    assert not trace.all(BootPaced)
