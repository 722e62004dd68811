"""Two instances at once: by traces made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

import pytest

from pytest_startup.checks import instances
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import PoolUsed
from pytest_startup.events.inside import PhaseFailed
from pytest_startup.events.instances import LocksLeft, SchemaRead, SecondRecorded
from pytest_startup.events.process import Exited, LogLine
from pytest_startup.events.used import JOURNEYS, ExerciseBegan, JourneyStepped
from pytest_startup.trace import Trace

from .traces import CRASHED, READY, TARGET, UP, URL, Said, entered, left, line, phase, said

CONTRACT = f"""{TARGET}
[[phases]]
name = "database"
callable = "app:open_database"
[[phases]]
name = "cache"
callable = "app:open_cache"
[[journeys]]
name = "login"
steps = [{{ post = "/login" }}, {{ get = "/me" }}]
[services.postgres]
canary = "app.state.pool.ping()"
pool = {{ size = 2, most = 4 }}
[services.postgres.schema]
tables = ["users"]
"""
LEADER = f"{CONTRACT}lasting_locks = 1\n"
SILENT = CONTRACT.partition("[services.postgres.schema]")[0]
SINGLE = f"{CONTRACT}\n[startup]\nsingle = true\n"
FIXED = CONTRACT.replace('target = "app:app"', 'target = "app:app"\nport = 8000')


def second(*events: Event) -> tuple[SecondRecorded, ...]:
    """Return what the second instance went through, as the first one's trace has it."""
    return tuple(SecondRecorded(at=e.at, event={"kind": type(e).__name__, **asdict(e)}) for e in events)


PHASES = (*phase("database", 0.1, 0.5), *phase("cache", 0.6, 0.9))
OK = (*PHASES, READY)
BOTH = (*UP, *PHASES, *second(*OK))
DUPLICATE = PhaseFailed(at=0.4, phase="database", error="DuplicateTable: users")
DIED = (entered("database", 0.1), DUPLICATE, line("bye", at=0.5), CRASHED)
TWICE = (*PHASES, *phase("database", 1.0, 1.1), READY)
EARLY = (entered("database", 0.1), *phase("cache", 0.2, 0.3), left("database", 0.5), READY)

BLURRED = (entered("database", 0.1), *phase("cache", 0.2, 0.3), left("database", 0.25), READY)
BY_LOG = CONTRACT.replace('callable = "app:open_database"', 'log = "database is open"')
NO_PAIR = "no second instance was started"
ONE_PORT = "its port is always the same (launch.port), so two cannot be up at once"
BOTH_START: dict[str, tuple[Iterable[Event], str, Said]] = {
    "both": (BOTH, CONTRACT, []),
    "the second fails": (
        (*UP, *PHASES, *second(*DIED)),
        CONTRACT,
        [
            "the second instance did not: phase database failed: DuplicateTable: users; its log ends with: bye",
        ],
    ),
    "the first fails": (
        (*DIED, *second(*OK)),
        CONTRACT,
        ["the first instance did not: phase database failed: DuplicateTable: users; its log ends with: bye"],
    ),
    "a phase runs twice": ((*UP, *PHASES, *second(*TWICE)), CONTRACT, ["database was done 2 times"]),
    "a phase comes too early": ((*UP, *PHASES, *second(*EARLY)), CONTRACT, ["cache began earlier"]),
    "a phase is tried again": ((*UP, *PHASES, *second(entered("database", 0.05), *OK)), CONTRACT, []),
    "a pipe was slow": ((*UP, *PHASES, *second(*BLURRED)), BY_LOG, []),
    "no other": (UP, CONTRACT, NO_PAIR),
    "one port": (UP, FIXED, ONE_PORT),
    "one stands by": (BOTH, SINGLE, "one instance serves at a time (startup.single)"),
    "up already": (UP, URL, "an application that was up already is not started by us"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), BOTH_START.values(), ids=BOTH_START)
def test_both_start(events: Iterable[Event], toml: str, expected: Said):
    """Both become ready, with their phases in order."""
    assert expected == said(instances.both_start, tuple(events), toml)


def locks(*advisory: str, idle: tuple[str, ...] = (), problem: str = "") -> LocksLeft:
    """Return what was still held."""
    return LocksLeft(at=3.0, service="postgres", advisory=advisory, idle=idle, problem=problem)


UNSAID = "whether locks and transactions may stay is not said (services.postgres.schema)"
LOCKS: dict[str, tuple[Iterable[Event], str, Said]] = {
    "none": ((*BOTH, locks()), CONTRACT, []),
    "a lock": ((*BOTH, locks("app, pid 7: select 1")), CONTRACT, ["1 held by: app, pid 7: select 1"]),
    "the lock of a leader": ((*BOTH, locks("app, pid 7: select 1")), LEADER, []),
    "the locks of two leaders": ((*BOTH, locks("a", "b")), LEADER, ["2 held by: a; b"]),
    "a lock of which nothing is said": (
        (*BOTH, locks("a")),
        SILENT,
        UNSAID,
    ),
    "a transaction": ((*BOTH, locks(idle=("app, pid 7: select 2",))), CONTRACT, ["1 held by: app, pid 7: select 2"]),
    "a transaction of which nothing is said": ((*BOTH, locks(idle=("a",))), SILENT, UNSAID),
    "both": ((*BOTH, locks("a", idle=("b",))), CONTRACT, ["1 held by: b", "1 held by: a"]),
    "nobody could look": ((*BOTH, locks(problem="gone")), CONTRACT, "nobody could look into postgres: gone"),
    "nobody looked": (BOTH, CONTRACT, "nobody could look into postgres"),
    "not both": ((*UP, *second(*DIED)), CONTRACT, "the second instance never became ready"),
    "no other": (UP, CONTRACT, NO_PAIR),
}


@pytest.mark.parametrize(("events", "toml", "expected"), LOCKS.values(), ids=LOCKS)
def test_no_lock(events: Iterable[Event], toml: str, expected: Said):
    """Nothing is held once both are ready, but what the contract allows."""
    assert expected == said(instances.leave_no_lock, tuple(events), toml, "postgres")


def read(*objects: str, version: str = "2", problem: str = "", alone: bool = False, unreadable: str = "") -> SchemaRead:
    """Return the tables of a database, which two instances made unless told otherwise."""
    return SchemaRead(
        at=3.0,
        service="postgres",
        alone=alone,
        version=version,
        tables=("users",),
        unreadable={"users": unreadable} if unreadable else {},
        objects=objects,
        problem=problem,
    )


UNREAD = "nobody could look into postgres, after two instances and after one alone"
UNREADABLE = "not all tables in postgres could be read: users: denied"
SCHEMAS: dict[str, tuple[Iterable[Event], Said]] = {
    "the same": ((*BOTH, read("a", "b"), read("a", "b", alone=True)), []),
    "one more": ((*BOTH, read("a", "b"), read("a", alone=True)), ["also b"]),
    "one less": ((*BOTH, read("a"), read("a", "b", alone=True)), ["without b"]),
    "another version": (
        (*BOTH, read("a", version="1"), read("a", alone=True)),
        ["version '1', not '2'"],
    ),
    "all other": (
        (*BOTH, read(*"efgh"), read(*"abcd", alone=True)),
        ["without a; without b; without c; without d; also e (and 3 more)"],
    ),
    "unreadable in both": ((*BOTH, read(unreadable="denied"), read(alone=True, unreadable="denied")), UNREADABLE),
    "unreadable alone": ((*BOTH, read("a"), read(alone=True, unreadable="denied")), UNREADABLE),
    "unreadable of both": ((*BOTH, read(unreadable="denied"), read("a", alone=True)), UNREADABLE),
    "not read alone": ((*BOTH, read("a")), UNREAD),
    "not read of both": ((*BOTH, read("a", alone=True)), UNREAD),
    "a problem": ((*BOTH, read(), read(problem="gone", alone=True)), UNREAD),
    "no other": ((*UP, read("a"), read("a", alone=True)), NO_PAIR),
}


@pytest.mark.parametrize(("events", "expected"), SCHEMAS.values(), ids=SCHEMAS)
def test_schema(events: Iterable[Event], expected: Said):
    """Two leave the tables that one leaves."""
    assert expected == said(instances.leave_schema_of_one, tuple(events), CONTRACT, "postgres")


def used(worked: int, opened: int = 4) -> PoolUsed:
    """Return how a pool was used to the full."""
    return PoolUsed(at=3.0, service="postgres", asked=4, worked=worked, open=opened, observed="raised Full")


UNUSED = "it was not used: that takes a canary, and a look from inside"
POOLS: dict[str, tuple[Iterable[Event], str, Said]] = {
    "both": ((*BOTH, used(4), *second(used(4))), CONTRACT, []),
    "the second has none left": (
        (*BOTH, used(4), *second(used(1))),
        CONTRACT,
        ["1 of them did at the second instance; one that did not raised Full"],
    ),
    "the first takes too many": (
        (*BOTH, used(4, opened=5), *second(used(4))),
        CONTRACT,
        ["5 from the first instance, with 4 uses at once"],
    ),
    "not used": (BOTH, CONTRACT, UNUSED),
    "the second is not used": ((*BOTH, used(4)), CONTRACT, UNUSED),
    "no pool": (
        BOTH,
        CONTRACT.replace("pool =", "report = { field = 'x', up = 1, away = 2 }\n#"),
        "the contract declares no pool for it (services.postgres.pool)",
    ),
    "not both": ((*UP, *second(*DIED)), CONTRACT, "the second instance never became ready"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), POOLS.values(), ids=POOLS)
def test_pools(events: Iterable[Event], toml: str, expected: Said):
    """Both have as many connections as their pools promise, and no more."""
    assert expected == said(instances.hand_out, tuple(events), toml, "postgres")


def stepped(user: int, step: int, problem: str = "", answer: str = "200") -> JourneyStepped:
    """Return a step of a user."""
    return JourneyStepped(
        at=3.0 + step,
        journey="login",
        walker=f"user {user}",
        step=step,
        steps=2,
        request="GET /me at 127.0.0.1:1",
        answer=answer,
        seconds=0.1,
        problem=problem,
    )


BEGAN = ExerciseBegan(at=2.9, name=JOURNEYS)
WALKED = (BEGAN, stepped(1, 1), stepped(1, 2), stepped(2, 1), stepped(2, 2))
STRANGER = (*WALKED[:4], stepped(2, 2, "a status from 200 to 299 was expected, not 401", "401"))
USERS: dict[str, tuple[Iterable[Event], Said]] = {
    "all": ((*BOTH, *WALKED), []),
    "a stranger": (
        (*BOTH, *STRANGER),
        ["a status from 200 to 299 was expected, not 401 (so it went for 1 of 2 users)"],
    ),
    "no time for one": ((*BOTH, *WALKED[:4]), "1 of 2 users had no time to make it"),
    "no time": ((*BOTH, BEGAN), "there was no time left for it"),
    "not walked": (BOTH, "there was no time left for it"),
    "not both": ((*UP, *second(*DIED)), "the second instance never became ready"),
    "none": ((*DIED, *second(*DIED)), "the first instance and the second instance never became ready"),
}


@pytest.mark.parametrize(("events", "expected"), USERS.values(), ids=USERS)
def test_users(events: Iterable[Event], expected: Said):
    """Users are served at both, each step at the other."""
    assert expected == said(instances.share_users, tuple(events), CONTRACT, "login")


def test_where_to_look():
    """A finding names user, step and instance, or the limit that they have used up."""
    many = (*BOTH, BEGAN, stepped(1, 1, "429", "429"))
    for events, words in ((STRANGER, "sessions"), (many, "rate limit")):
        (found,) = instances.share_users(Trace.of((*BOTH, *events)), reader.parse(CONTRACT), "login")  # type: ignore[misc]
        assert words in found.look_at
        assert "GET /me at 127.0.0.1:1" in found.expected


def test_trace_of_the_second():
    """What was recorded of the second instance is a trace of its own, also of a saved one."""
    trace = Trace.of((*UP, *second(LogLine(at=0.5, stream="stderr", text="hi"), Exited(at=1.0, code=1, asked=False))))
    assert "it ended with code 1" == trace.second.why_unready()
    assert () == Trace.of(UP).second.events
