"""Looking at the tables of small applications, and booting them on those of a later release."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_startup.checks import schema
from pytest_startup.contract.model import Contract
from pytest_startup.errors import BootError
from pytest_startup.events.instances import BootedOnNewer, SchemaChecked, SchemaRead
from pytest_startup.events.process import Ready
from pytest_startup.findings import NotCovered, Verdict
from pytest_startup.trace import Trace
from pytest_startup.variation import Exercise, Variation

from .conftest import Boots, Writes

APPLICATION = """
    import os
    import psycopg

    KNOWN = 2
    url = os.environ["DATABASE"]

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            start()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def start():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("create table if not exists versions (number int primary key)")
            connection.execute("create schema if not exists other")
            connection.execute("create table if not exists other.things (id int default 7 not null)")
            found = connection.execute("select max(number) from versions").fetchone()[0]
            look(connection, found)

    def look(connection, found):
        if found is None:
            connection.execute("insert into versions values (%s)", [KNOWN])
        elif found > KNOWN:
            raise RuntimeError(f"the schema is {found}, this code knows {KNOWN}")
"""
CONTRACT = """
[launch]
target = "app:app"
boot_timeout = 10
[launch.env]
DATABASE = "{postgres.url}"
[services.postgres]
[services.postgres.schema]
check = ["{python}", "-c", "import os, psycopg; psycopg.connect(os.environ['DATABASE']); print('well')"]
version = "select max(number) from versions"
newer = "update versions set number = 3"
"""
Check = Callable[[Trace, Contract, str], Verdict]
LOOK = Variation(exercise=Exercise("schema", "postgres"))


def test_what_is_seen(writes: Writes, boots: Boots) -> None:
    """Tables, version and the rest are read by a second connection; the command is run; it boots on a newer one."""
    contract = writes(APPLICATION, CONTRACT)
    trace = boots(contract, LOOK)
    (read,) = trace.all(SchemaRead)
    assert (("other.things", "versions"), "2", {}, "") == (read.tables, read.version, read.unreadable, read.problem)
    assert "other.things.id integer not null default 7" in read.objects
    assert any("PRIMARY KEY" in each for each in read.objects)
    assert any("CREATE UNIQUE INDEX" in each for each in read.objects)
    assert [(0, ("well",))] == [(e.code, e.output) for e in trace.all(SchemaChecked)]
    (booted,) = trace.all(BootedOnNewer)
    assert (False, 3, "3", "3", "") == (booted.ready, booted.code, booted.version, booted.left, booted.problem)
    for check in (schema.is_at_head, schema.is_readable, schema.newer_is_noticed):
        assert [] == check(trace, contract, "postgres")


def test_a_newer_one_is_accepted(writes: Writes, boots: Boots) -> None:
    """Where it goes on, and makes the version its own, both are seen."""
    careless = APPLICATION.replace("raise RuntimeError(f", "connection.execute('update versions set number = 2') #")
    contract = writes(careless, CONTRACT)
    trace = boots(contract, LOOK)
    (booted,) = trace.all(BootedOnNewer)
    assert (True, None, "3", "2") == (booted.ready, booted.code, booted.version, booted.left)
    (found,) = schema.newer_is_noticed(trace, contract, "postgres")  # type: ignore[misc]
    assert "the boot has made it version 2" == found.observed


MISTAKES = {
    "a command that fails": ("print('well')", "raise SystemExit('pending: 3')", schema.is_at_head, "pending: 3"),
    "a command that is not there": ('["{python}", "-c", ', '["/nowhere", ', schema.is_at_head, "No such file"),
    "SQL that is none": ("update versions set", "upgrade versions", schema.newer_is_noticed, "syntax error"),
    "a version that is none": ("select max(number)", "select most(number)", schema.is_readable, "most(integer)"),
    "a table that is not there": ("version =", 'tables = ["users"]\nversion =', schema.is_readable, "missing: users"),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_what_is_wrong_is_told(writes: Writes, boots: Boots, mistake: tuple[str, str, Check, str]) -> None:
    """What the command says, or why the SQL of the contract cannot be carried out, is in the finding."""
    old, new, check, words = mistake
    contract = writes(APPLICATION, CONTRACT.replace(old, new))
    (found,) = check(boots(contract, LOOK), contract, "postgres")  # type: ignore[misc]
    assert words in found.observed


def test_a_lock_is_told(writes: Writes, boots: Boots) -> None:
    """A table which somebody keeps locked cannot be read, and the rest is not waited for."""
    kept = """
    def look(connection, found):
        global kept
        kept = psycopg.connect(url)
        kept.execute("lock table other.things in access exclusive mode")
"""
    contract = writes(f"{APPLICATION}{kept}", CONTRACT)
    trace = boots(contract, LOOK)
    (found,) = schema.is_readable(trace, contract, "postgres")  # type: ignore[misc]
    assert "other.things: canceling statement due to statement timeout" == found.observed
    assert isinstance(schema.is_at_head(trace, contract, "postgres"), NotCovered)


def test_a_step_before_refuses(writes: Writes, boots: Boots) -> None:
    """A step before the start which refuses the newer schema is as good an end as any."""
    quiet = APPLICATION.replace("            start()\n", "")
    steps = 'before = [["{python}", "-c", "import app; app.start()"]]'
    contract = writes(quiet, CONTRACT.replace("[launch.env]", f"{steps}\n[launch.env]"))
    trace = boots(contract, LOOK)
    assert None is not trace.first(Ready)
    assert [] == schema.newer_is_noticed(trace, contract, "postgres")


def test_a_database_that_is_not_there(writes: Writes, boots: Boots) -> None:
    """The tables of a service which the contract does not have cannot be looked at."""
    with pytest.raises(BootError, match=r"exercise schema:other: there is no service 'other'; declared: postgres"):
        boots(writes(APPLICATION, CONTRACT), Variation(exercise=Exercise("schema", "other")))
