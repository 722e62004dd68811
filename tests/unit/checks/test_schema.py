"""The tables of a database: by traces made by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from pytest_startup.checks import schema
from pytest_startup.events.base import Event
from pytest_startup.events.instances import BootedOnNewer, SchemaChecked, SchemaRead

from .traces import TARGET, UP, Said, said

NOTHING = f"{TARGET}\n[services.postgres]\n"
CONTRACT = f"""{NOTHING}
[services.postgres.schema]
check = ["alembic", "check"]
version = "select version"
newer = "update version"
"""
NAMED = f'{CONTRACT}tables = ["users", "threads"]\n'
TOLERATED = f'{CONTRACT}newer_outcome = "tolerated"\n'
UNREADY = f'{CONTRACT}newer_outcome = "not-ready"\n'
BLIND = CONTRACT.replace('version = "select version"', "")


def checked(code: int | None, *output: str) -> SchemaChecked:
    """Return how the command ended."""
    return SchemaChecked(at=3.0, service="postgres", code=code, output=output)


AT_HEAD: dict[str, tuple[Iterable[Event], str, Said]] = {
    "at head": ((*UP, checked(0, "No new upgrade operations detected.")), CONTRACT, []),
    "pending": (
        (*UP, checked(255, "FAILED:", "Target database is not up to date.")),
        CONTRACT,
        ["alembic check ended with 255; it said: FAILED: | Target database is not up to date."],
    ),
    "too slow": ((*UP, checked(None)), CONTRACT, ["alembic check did not end in time"]),
    "not run": (UP, CONTRACT, "nobody could look into it in this boot, or its tables cannot be read"),
    "never ready": ((), CONTRACT, "the boot never became ready"),
    "no command": (UP, NOTHING, "the contract gives no command which tells (services.postgres.schema.check)"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), AT_HEAD.values(), ids=AT_HEAD)
def test_is_at_head(events: Iterable[Event], toml: str, expected: Said):
    """Nothing is pending, as the contract's command says."""
    assert expected == said(schema.is_at_head, tuple(events), toml, "postgres")


def read(*tables: str, unreadable: dict[str, str] | None = None, problem: str = "") -> SchemaRead:
    """Return what was found."""
    return SchemaRead(
        at=3.0,
        service="postgres",
        alone=True,
        version="",
        tables=tables,
        unreadable=unreadable or {},
        objects=(),
        problem=problem,
    )


READABLE: dict[str, tuple[Iterable[Event], str, Said]] = {
    "all": ((*UP, read("threads", "users", "others")), NAMED, []),
    "any": ((*UP, read("others")), CONTRACT, []),
    "one missing": ((*UP, read("users")), NAMED, ["missing: threads; there are users"]),
    "all missing": ((*UP, read()), NAMED, ["missing: users, threads; there are none"]),
    "none": ((*UP, read()), CONTRACT, ["there is none"]),
    "locked": ((*UP, read("users", unreadable={"users": "timeout"})), CONTRACT, ["users: timeout"]),
    "problem": ((*UP, read(problem="no such host")), CONTRACT, ["no such host"]),
    "not looked": (UP, CONTRACT, "nobody could look into it in this boot"),
    "never ready": ((), CONTRACT, "the boot never became ready"),
    "nothing said": (UP, NOTHING, "the contract says nothing of its tables (services.postgres.schema)"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), READABLE.values(), ids=READABLE)
def test_is_readable(events: Iterable[Event], toml: str, expected: Said):
    """Every table is there and can be read."""
    assert expected == said(schema.is_readable, tuple(events), toml, "postgres")


def booted(**other: Any) -> BootedOnNewer:  # noqa: ANN401 - fields of an event
    """Return a boot on the schema of a later release; it ended, and said why, unless told otherwise."""
    usual = {"ready": False, "code": 3, "observed": "it ended", "log": ("Can't locate revision 'fff'",)}
    return BootedOnNewer(
        at=5.0, service="postgres", **{**usual, "version": "fff", "left": "fff", "problem": "", **other}
    )


READY = {"ready": True, "code": None, "observed": "", "log": ()}
NEWER: dict[str, tuple[Iterable[Event], str, Said]] = {
    "ends and says why": ((*UP, booted()), CONTRACT, []),
    "says it in words": ((*UP, booted(log=("the schema is newer than this code",), version="", left="")), BLIND, []),
    "only names it": (
        (*UP, booted(log=("revision ok",), version="", left="")),
        BLIND,
        ["no line does; it ends with: revision ok"],
    ),
    "says nothing": ((*UP, booted(log=())), CONTRACT, ["it logged nothing"]),
    "says something else": ((*UP, booted(log=("bye",))), CONTRACT, ["no line does; it ends with: bye"]),
    "ends with 0": ((*UP, booted(code=0)), CONTRACT, ["exit code 0"]),
    "hangs": ((*UP, booted(code=None, observed="still waiting")), CONTRACT, ["it went on: still waiting"]),
    "accepts it": (
        (*UP, booted(**READY)),
        CONTRACT,
        ["it got ready, and works on tables which it does not know"],
    ),
    "may accept it": ((*UP, booted(**READY)), TOLERATED, []),
    "should accept it": ((*UP, booted()), TOLERATED, ["it did not: it ended"]),
    "downgrades": ((*UP, booted(**READY, left="2")), TOLERATED, ["the boot has made it version 2"]),
    "loses the version": ((*UP, booted(left="")), CONTRACT, ["the boot has made it version none"]),
    "stays unready": ((*UP, booted(code=None)), UNREADY, []),
    "should stay up": ((*UP, booted()), UNREADY, ["it ended with code 3"]),
    "unready in name only": (
        (*UP, booted(**READY)),
        UNREADY,
        ["it got ready, and works on tables which it does not know"],
    ),
    "wrong SQL": ((*UP, booted(problem="syntax error")), CONTRACT, ["syntax error"]),
    "not tried": (UP, CONTRACT, "nobody could change the schema in this boot"),
    "never ready": ((), CONTRACT, "the boot never became ready"),
    "nothing said": (UP, NOTHING, "the contract does not say how that is made (services.postgres.schema.newer)"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), NEWER.values(), ids=NEWER)
def test_newer_is_noticed(events: Iterable[Event], toml: str, expected: Said):
    """What becomes of it on the schema of a later release is what the contract says."""
    assert expected == said(schema.newer_is_noticed, tuple(events), toml, "postgres")
