"""Two instances at once, as small applications of different manners meet each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_startup.checks import instances, retrying, storms
from pytest_startup.contract.model import Contract
from pytest_startup.events.edge import PoolUsed, TapClosed
from pytest_startup.events.inside import PortBound
from pytest_startup.events.instances import LocksLeft, SchemaRead, SecondRecorded, TapPeaked
from pytest_startup.events.process import Exited, LogLine, Ready
from pytest_startup.events.used import JourneyStepped
from pytest_startup.findings import Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import ServiceFault, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import asyncio, json, os, random, secrets
    import asyncpg

    class App:
        sessions = {}

        async def __call__(self, scope, receive, send):
            if scope["type"] == "lifespan":
                await receive()
                await self.start()
                await send({"type": "lifespan.startup.complete"})
                await receive()
                await self.pool.close()
                return await send({"type": "lifespan.shutdown.complete"})
            status, body = await self.answer(scope["path"])
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": json.dumps(body).encode()})

        async def start(self):
            for attempt in range(60):
                try:
                    self.pool = await asyncpg.create_pool(os.environ["DATABASE"], min_size=2, max_size=3)
                    break
                except OSError:
                    await asyncio.sleep(PAUSE())
            async with self.pool.acquire() as connection:
                await self.migrate(connection)

        async def migrate(self, connection):
            async with connection.transaction():
                await connection.execute("select pg_advisory_xact_lock(7)")
                await connection.execute("create table if not exists sessions (id text primary key)")

        async def asks(self):
            return await self.pool.fetchval("select 1") == 1

        async def answer(self, path):
            if path == "/login":
                name = secrets.token_hex(4)
                await self.keep(name)
                return 200, {"name": name}
            return (200 if await self.knows(path[1:]) else 401), {}

        async def keep(self, name):
            await self.pool.execute("insert into sessions values ($1)", name)

        async def knows(self, name):
            return await self.pool.fetchval("select true from sessions where id = $1", name)

    PAUSE = lambda: random.uniform(0.02, 0.3)
    app = App()
"""

CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 20
[launch.env]
DATABASE = "{postgres.url}"
SECRET = "{secret.word}"
[services.postgres]
canary = "app.asks()"
jitter = true
backoff = true
pool = { size = 2, most = 3 }
[services.postgres.schema]
tables = ["sessions"]
[services.postgres.outcome]
late = "tolerated"
[[journeys]]
name = "login"
steps = [{ post = "/login", capture = { name = "name" } }, { get = "/{name}" }, { get = "/{name}" }]
"""
PAIR = Variation(pair=True)
LATE = Variation((ServiceFault("postgres", "late", 1.5),), pair=True)
Check = Callable[[Trace, Contract, str], Verdict]


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, keeper) -> tuple[Contract, Trace]:  # noqa: ANN001
    """Boot two instances of an application which shares everything."""
    from pytest_startup.boot import record  # noqa: PLC0415

    from .conftest import written  # noqa: PLC0415

    contract = written(tmp_path_factory.mktemp("pair"), APPLICATION, CONTRACT)
    return contract, record(contract, keeper, PAIR)


def test_both_are_up(healthy: tuple[Contract, Trace]) -> None:
    """Both are ready, on ports of their own, and stopped; the second one's events are on the timeline of the first."""
    _, trace = healthy
    ports = [each.first(PortBound) for each in (trace, trace.second)]
    assert 2 == len({port.port for port in ports if port is not None})
    assert all(each.first(Ready) and each.first(Exited, asked=True) for each in (trace, trace.second))
    (first, second) = (each.first(Ready) for each in (trace, trace.second))
    assert first is not None
    assert second is not None
    assert abs(first.at - second.at) < 10


def test_it_is_saved_as_one(healthy: tuple[Contract, Trace], tmp_path) -> None:  # noqa: ANN001
    """A saved trace holds both instances."""
    _, trace = healthy
    trace.save(tmp_path / "trace.jsonl")
    assert trace.second == Trace.load(tmp_path / "trace.jsonl").second


def test_what_is_seen_of_both(healthy: tuple[Contract, Trace]) -> None:
    """The database of both, both pools to the full, and users who change between them are on record."""
    _, trace = healthy
    assert [((), (), "")] == [(e.advisory, e.idle, e.problem) for e in trace.all(LocksLeft)]
    assert [(False, ("sessions",)), (True, ("sessions",))] == [(e.alone, e.tables) for e in trace.all(SchemaRead)]
    assert [3, 3] == [e.worked for each in (trace, trace.second) for e in each.all(PoolUsed)]
    steps = trace.all(JourneyStepped, walker="user 1")
    assert 3 == len(steps)
    assert 2 == len({step.request.rpartition(" at ")[2] for step in steps})
    assert 6 == len({step.walker for step in trace.all(JourneyStepped)})
    assert all(each.first(TapClosed) for each in (trace, trace.second))


CHECKS = {
    "both start": (instances.both_start, ""),
    "no lock": (instances.leave_no_lock, "postgres"),
    "schema": (instances.leave_schema_of_one, "postgres"),
    "pools": (instances.hand_out, "postgres"),
    "users": (instances.share_users, "login"),
}


@pytest.mark.parametrize(("check", "subject"), CHECKS.values(), ids=CHECKS)
def test_nothing_is_found(healthy: tuple[Contract, Trace], check: Check, subject: str) -> None:
    """An application which shares what it must is found to be well."""
    contract, trace = healthy
    assert [] == check(trace, contract, subject)


KEPT = """async def lead(self):
            self.kept = await asyncpg.connect(os.environ["DATABASE"])
            await self.kept.execute("select pg_try_advisory_lock(8)")

        async def asks(self):"""
RACES = {
    "no lock": (
        '"select pg_advisory_xact_lock(7)"',
        '"select 1"',
        "create table if not exists",
        "create table",
        instances.both_start,
        "",
        "did not:",
    ),
    "a lock of the session": (
        "await self.migrate(connection)",
        "await self.migrate(connection)\n                await self.lead()",
        "async def asks(self):",
        KEPT,
        instances.leave_no_lock,
        "postgres",
        "held by",
    ),
    "an index of each": (
        "(id text primary key)",
        "(id text primary key, at int)",
        "await self.migrate(connection)",
        "await self.migrate(connection)\n                await connection.execute('create index on sessions (at)')",
        instances.leave_schema_of_one,
        "postgres",
        "sessions_at_idx1",
    ),
    "sessions of its own": (
        'await self.pool.execute("insert into sessions values ($1)", name)',
        "self.sessions[name] = 1",
        'await self.pool.fetchval("select true from sessions where id = $1", name)',
        "name in self.sessions",
        instances.share_users,
        "login",
        "not 401",
    ),
}


@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_a_race_is_seen(writes: Writes, boots: Boots, race: tuple[str, str, str, str, Check, str, str]) -> None:
    """What goes wrong between two instances alone is found, in one boot of them."""
    old, new, other, instead, check, subject, words = race
    contract = writes(APPLICATION.replace(old, new).replace(other, instead), CONTRACT)
    found = check(boots(contract, PAIR), contract, subject)
    assert isinstance(found, list)
    assert [True] == [words in each.observed for each in found][:1]


def test_secrets_are_shared(writes: Writes, boots: Boots) -> None:
    """Both have the same secrets, as two instances of one deployment."""
    told = APPLICATION.replace("await self.start()", 'await self.start(); print("said:", hash(os.environ["SECRET"]))')
    seeded = CONTRACT.replace("[launch.env]", '[launch.env]\nPYTHONHASHSEED = "1"\nPYTHONUNBUFFERED = "1"')
    trace = boots(writes(told, seeded), PAIR)
    one, two = ([line.text for line in each.all(LogLine) if "said:" in line.text] for each in (trace, trace.second))
    assert one == two
    assert 1 == len(one)


@pytest.mark.parametrize(("pause", "expected"), [("random.uniform(0.02, 0.3)", 0), ("0.1", 1)])
def test_a_return_in_step_is_seen(writes: Writes, boots: Boots, pause: str, expected: int) -> None:
    """Two which wait for their database with the same pauses are told from two with jitter, and do not back off."""
    contract = writes(APPLICATION.replace("random.uniform(0.02, 0.3)", pause), CONTRACT)
    trace = boots(contract, LATE)
    assert all(each.first(Ready) for each in (trace, trace.second))
    assert expected == len(storms.are_scattered(trace, contract, "postgres"))  # type: ignore[arg-type]
    assert [] == storms.stay_bounded(trace, contract, "postgres")
    assert [2, 2] == [e.most for each in (trace, trace.second) for e in each.all(TapPeaked)]
    if expected:
        (found,) = retrying.is_patient(trace, contract, "postgres")  # type: ignore[misc]
        assert "they stay as they are" in found.observed


ALONE = {
    "launch.port": ("boot_timeout = 20", "port = 28765"),
    "startup.single": ("[services.postgres]", "[startup]\nsingle = true\n[services.postgres]"),
}


@pytest.mark.parametrize("why", ALONE)
def test_there_is_no_second(writes: Writes, boots: Boots, why: str) -> None:
    """Where the port is always the same, or one instance serves at a time, there is no other; the reason is said."""
    contract = writes(APPLICATION, CONTRACT.replace(*ALONE[why]))
    trace = boots(contract, PAIR)
    assert None is trace.first(SecondRecorded)
    assert why in str(instances.both_start(trace, contract, ""))


def test_a_command_has_two(writes: Writes, boots: Boots) -> None:
    """Two instances of a command meet each other as well: nothing of it takes an agent."""
    command = '["{python}", "-m", "uvicorn", "app:app", "--port", "{port}", "--lifespan", "on"]'
    launched = CONTRACT.replace('target = "app:app"', f"command = {command}")
    launched = launched.replace("[launch.env]", '[launch.env]\nPYTHONPATH = "."')
    contract = writes(APPLICATION, launched)
    trace = boots(contract, PAIR)
    assert [] == instances.both_start(trace, contract, "")
    assert [] == instances.share_users(trace, contract, "login")
