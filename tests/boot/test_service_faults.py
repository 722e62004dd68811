"""Faults of services, as applications meet them: real Postgres, real Valkey, the usual drivers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pytest_startup.boot import record, trouble
from pytest_startup.contract.model import Contract
from pytest_startup.errors import BootError
from pytest_startup.events.edge import CanaryAnswered, Probed, ServiceSwitched, TapState, Touched
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, LogLine, Ready
from pytest_startup.services import Keeper
from pytest_startup.trace import Trace
from pytest_startup.variation import PLAIN, ServiceFault, ServiceFaultKind, Variation

from .conftest import Boots, Writes, written

APPLICATION = """
    import asyncio, os
    import asyncpg, redis.asyncio, redis.exceptions

    class App:
        def __init__(self):
            self.cache = redis.asyncio.Redis.from_url(os.environ["CACHE"], socket_timeout=1, socket_connect_timeout=1)

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await patiently(self.start)
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await asyncio.wait_for(self.pool.close(), 2)
                return await send({"type": "lifespan.shutdown.complete"})
            status = 200 if scope["path"] == "/live" else await self.ready()
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        async def start(self):
            await self.cache.ping()
            limits = {"timeout": 1, "command_timeout": 1}
            self.pool = await asyncpg.create_pool(os.environ["DATABASE"], min_size=2, max_size=2, **limits)
            await self.asks()

        async def ready(self):
            try:
                await self.asks()
                await self.cache.ping()
            except Exception as error:
                print("not ready:", repr(error), flush=True)
                return 503
            return 200

        async def asks(self):
            return await self.pool.fetchval("select 1", timeout=1) == 1

        async def pings(self):
            return await self.cache.ping()

    async def patiently(start):
        for attempt in range(100):
            try:
                return await start()
            except (OSError, redis.exceptions.ConnectionError) as error:
                last = error
                if isinstance(error, (redis.exceptions.AuthenticationError, asyncio.TimeoutError)):
                    raise
            await asyncio.sleep(0.02)
        raise last

    app = App()
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 30
stop_timeout = 3
[launch.env]
DATABASE = "{postgres.url}"
CACHE = "{redis.url}"
[services.postgres]
canary = "app.asks()"
[services.redis]
canary = "app.pings()"
[health]
liveness = "/live"
readiness = "/ready"
"""

BOTH = ("postgres", "redis")
POOL = 4


def _with(service: str, kind: ServiceFaultKind, seconds: float = 0.0) -> Variation:
    return Variation(faults=(ServiceFault(service, kind, seconds),))


ENDING: list[ServiceFaultKind] = ["absent", "silent", "resets", "cut", "breaks", "wrong-credentials"]
READY: list[ServiceFaultKind] = ["late", "slow"]
WHILE_UP: list[ServiceFaultKind] = ["dies", "returns"]
KINDS = [*ENDING, *READY, *WHILE_UP]
SECONDS = {"late": 0.3, "slow": 0.1, "dies": 20.0, "returns": 0.3}
Traces = Callable[[str, ServiceFaultKind], Trace]


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """Write an application with a database and a cache."""
    return written(tmp_path_factory.mktemp("application"), APPLICATION, CONTRACT)


@pytest.fixture(scope="module")
def traces(contract: Contract, keeper: Keeper) -> Iterator[Traces]:
    """Boot it with every fault of every service, several at a time."""
    wanted = [(service, kind) for service in BOTH for kind in KINDS]
    with ThreadPoolExecutor(POOL) as pool:
        booted = {
            (service, kind): pool.submit(record, contract, keeper, _with(service, kind, SECONDS.get(kind, 0.0)))
            for service, kind in wanted
        }
        yield lambda service, kind: booted[service, kind].result(120)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("service", BOTH)
def test_planned_and_felt(traces: Traces, service: str, kind: ServiceFaultKind) -> None:
    """Every fault of every service is planned at the beginning, and felt once."""
    trace = traces(service, kind)
    assert [(0.0, kind, service)] == [(e.at, e.fault, e.subject) for e in trace.all(FaultPlanned)]
    assert [(kind, service)] == [(e.fault, e.subject) for e in trace.all(FaultFelt)]


@pytest.mark.parametrize("kind", ENDING)
@pytest.mark.parametrize("service", BOTH)
def test_an_application_that_needs_it_ends(traces: Traces, service: str, kind: ServiceFaultKind) -> None:
    """Without a service that it needs, this application ends with an error, and was never ready."""
    trace = traces(service, kind)
    exited = trace.first(Exited)
    assert exited is not None
    assert (3, False, None) == (exited.code, exited.asked, trace.first(Ready))
    assert [kind] == [event.to for event in trace.all(ServiceSwitched)]


SAYS = {
    ("postgres", "wrong-credentials"): "password authentication failed",
    ("redis", "wrong-credentials"): "WRONGPASS|invalid username-password",
    ("postgres", "absent"): "Connect call failed|Connection refused",
    ("redis", "absent"): "Connection refused|Connect call failed",
    ("postgres", "cut"): "connection was closed in the middle of operation",
    ("redis", "resets"): "Connection reset|Connection closed|Error while reading",
    ("redis", "silent"): "Timeout",
}


@pytest.mark.parametrize(("fault", "text"), SAYS.items(), ids=["-".join(each) for each in SAYS])
def test_the_driver_says_what_it_met(traces: Traces, fault: tuple[str, ServiceFaultKind], text: str) -> None:
    """What the driver reports is what it would report of a real service in that state."""
    log = "\n".join(line.text for line in traces(*fault).all(LogLine))
    assert any(part in log for part in text.split("|")), log[-2000:]


@pytest.mark.parametrize("service", BOTH)
def test_a_late_service_is_awaited(traces: Traces, service: str) -> None:
    """A service that comes later is refused until then, and the application is ready after it came."""
    trace = traces(service, "late")
    felt, ready, up = trace.first(FaultFelt), trace.first(Ready), trace.last(ServiceSwitched, to="up")
    touched = trace.first(Touched, service=service)
    assert felt is not None
    assert up is not None
    assert touched is not None
    assert ready is not None
    assert 0.29 < up.at - felt.at
    assert up.at <= touched.at <= ready.at


@pytest.mark.parametrize("service", BOTH)
def test_a_slow_service_slows(traces: Traces, service: str) -> None:
    """Behind a slow service everything works, each use of it taking longer."""
    trace = traces(service, "slow")
    assert trace.first(Ready) is not None
    canaries = {event.service: event for event in trace.all(CanaryAnswered)}
    assert {"postgres": True, "redis": True} == {name: canary.works for name, canary in canaries.items()}
    assert 0.09 < canaries[service].seconds


@pytest.mark.parametrize("service", BOTH)
def test_a_service_that_dies_is_watched(traces: Traces, service: str) -> None:
    """Once it has died readiness says so, and liveness goes on saying that the process lives."""
    trace = traces(service, "dies")
    died = trace.first(ServiceSwitched, to="dies")
    assert died is not None
    assert ["503"] == _said(trace, "readiness", died.at)
    assert [] == _said(trace, "liveness", died.at)
    assert trace.last(Exited, asked=True) is not None


@pytest.mark.parametrize("service", BOTH)
def test_a_service_that_returns_is_used_again(traces: Traces, service: str) -> None:
    """Once it is back readiness says ready again, and the capability works; at the stop it is gone."""
    trace = traces(service, "returns")
    died, back, again = trace.all(ServiceSwitched)
    assert ["returns", "up", "returns"] == [died.to, back.to, again.to]
    assert ["503", "200"] == _said(trace, "readiness", died.at)[:2]
    canary = trace.last(CanaryAnswered, service=service)
    assert canary is not None
    assert (True, True) == (canary.works, back.at < canary.at < again.at)
    assert 0 < canary.crossed


def test_a_slow_service_returns_slow(contract: Contract, boots: Boots) -> None:
    """What a service was like from the beginning it is like again when it returns."""
    slow, returns = ServiceFault("redis", "slow", 0.05), ServiceFault("redis", "returns", 0.05)
    trace = boots(contract, Variation((slow, returns)))
    assert ["slow", "returns", "slow", "returns"] == [event.to for event in trace.all(ServiceSwitched)]
    assert ["slow", "returns"] == [event.fault for event in trace.all(FaultFelt)]
    canary = trace.last(CanaryAnswered, service="redis")
    assert canary is not None
    assert canary.seconds > 0.04


def _said(trace: Trace, role: str, since: float) -> list[str]:
    """Return the answers from outside to what was asked since then, each other than the one before."""
    return [e.answer for e in trace.all(Probed, role=role, vantage="outside") if e.began >= since]


@pytest.mark.parametrize("service", BOTH)
def test_connections_at_ready(traces: Traces, service: str) -> None:
    """How many connections a ready application holds open is counted at the tap."""
    trace = traces(service, "dies")
    assert {"postgres": 2, "redis": 1} == {event.service: event.open for event in trace.all(TapState)}


ATTEMPTS = """
    import asyncio, os, socket, sys
    address = (os.environ["HOST"], int(os.environ["PORT"]))

    async def by_socket(): socket.create_connection(address).recv(1)
    async def by_the_loop(): await asyncio.open_connection(*address)
    async def by_a_driver_in_c():
        import psycopg
        psycopg.connect(os.environ["DATABASE"])

    async def patiently():
        import psycopg
        for _ in range(500):
            try:
                return psycopg.connect(os.environ["DATABASE"])
            except psycopg.OperationalError:
                await asyncio.sleep(0.02)

    async def app(scope, receive, send):
        await receive()
        print("loop:", type(asyncio.get_running_loop()).__module__, flush=True)
        try:
            await globals()[os.environ["HOW"]]()
        except Exception as error:
            print(error, flush=True)
            raise SystemExit(4)
"""

DATABASE = """
[launch]
{how_launched}
[launch.env]
HOW = "{how}"
HOST = "{{postgres.host}}"
PORT = "{{postgres.port}}"
DATABASE = "{{postgres.url}}"
PYTHONPATH = "."
[services.postgres]
"""
TARGET = 'target = "app:app"'
COMMAND = 'command = ["{python}", "-m", "uvicorn", "app:app", "--port", "{port}", "--lifespan", "on"]'

NOTICED = {
    "a socket": ("by_socket", TARGET, None, "refused"),
    "uvloop": ("by_the_loop", TARGET, None, "loop: uvloop"),
    "asyncio's loop": ("by_the_loop", TARGET, 1, "loop: startup_agent"),
    "a driver in C": ("by_a_driver_in_c", TARGET, None, "refused"),
    "a command": ("by_socket", COMMAND, None, "loop: uvloop"),
}


@pytest.mark.parametrize("case", NOTICED.values(), ids=NOTICED)
def test_an_attempt_is_noticed(writes: Writes, boots: Boots, case: tuple[str, str, int | None, str]) -> None:
    """It is known that the application looked for an absent service, however it connects and is launched."""
    how, how_launched, seed, says = case
    contract = writes(ATTEMPTS, DATABASE.format(how=how, how_launched=how_launched))
    trace = boots(contract, Variation((ServiceFault("postgres", "absent"),), seed))
    assert ["absent"] == [event.fault for event in trace.all(FaultFelt)]
    assert trace.first(Ready) is None
    assert any(says in line.text for line in trace.all(LogLine))


def test_a_late_service_comes_unnoticed(writes: Writes, boots: Boots, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody can notice that a late service is looked for, it comes all the same: the boot does not hang."""
    monkeypatch.setattr(trouble, "UNNOTICED_SECONDS", 0.2)
    contract = writes(ATTEMPTS, DATABASE.format(how="patiently", how_launched=TARGET))
    trace = boots(contract, _with("postgres", "late", 0.2))
    assert ["late", "up"] == [event.to for event in trace.all(ServiceSwitched)]
    assert trace.first(Touched) is not None
    assert trace.all(FaultFelt) == []


def test_nobody_looks_for_it(writes: Writes, boots: Boots) -> None:
    """A service that the application does not use is absent unnoticed: such a boot proves nothing about it."""
    quiet = ATTEMPTS.replace("await globals()", "'refused'; globals().get")
    contract = writes(quiet, DATABASE.format(how="by_socket", how_launched=TARGET))
    trace = boots(contract, _with("postgres", "absent"))
    assert ([], 1) == (trace.all(FaultFelt), len(trace.all(FaultPlanned)))


def test_steps_before_the_boot_meet_no_fault(writes: Writes, boots: Boots) -> None:
    """What prepares a boot finds its services well; what they see and send is not counted as the application's."""
    step = "import os, psycopg; psycopg.connect(os.environ['DATABASE']).execute('create table t ()')"
    launch = f'{TARGET}\nbefore = [["{{python}}", "-c", "{step}"]]'
    contract = writes(ATTEMPTS, DATABASE.format(how="by_socket", how_launched=launch))
    assert boots(contract, _with("postgres", "absent")).first(Touched) is None


def test_wrong_credentials_without_a_password(writes: Writes, boots: Boots) -> None:
    """Where there is no password there is none to be wrong: planned, never felt."""
    contract = writes(APPLICATION, CONTRACT + '[services.llm]\nreplies = [{ text = "yes" }]\n')
    trace = boots(contract, _with("llm", "wrong-credentials"))
    assert ([], 1) == (trace.all(FaultFelt), len(trace.all(FaultPlanned)))
    assert trace.first(Ready) is not None


def test_a_fault_of_no_service(contract: Contract, boots: Boots) -> None:
    """A fault of a service that the contract does not declare is an error that names those which it does."""
    with pytest.raises(BootError, match="there is no service 'kafka'; services declared: postgres, redis"):
        boots(contract, _with("kafka", "absent"))


def test_several_at_once_are_as_one_alone(contract: Contract, keeper: Keeper) -> None:
    """Four boots at the same time in one process have the same events as one that is alone."""
    with ThreadPoolExecutor(POOL) as pool:
        together = [each.result() for each in [pool.submit(record, contract, keeper, PLAIN) for _ in range(POOL)]]
    alone = record(contract, keeper, PLAIN)
    assert [_kinds(alone)] * POOL == [_kinds(trace) for trace in together]
    assert POOL == len({os.fspath(trace.events[0].directory) + str(trace.events[0].pid) for trace in together})  # type: ignore[attr-defined]


def _kinds(trace: Trace) -> list[str]:
    """Return what happened, without the answers of outside probes: how many there are depends on the moment."""
    return [str(event).partition("at=")[0] for event in trace.events if not isinstance(event, Probed | LogLine)]
