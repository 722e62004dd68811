"""Which services can be asked by a connection of ours: by their addresses alone, nothing is opened."""

from __future__ import annotations

import socket

import pytest

from pytest_startup.boot.behind import Behind
from pytest_startup.boot.means import Means
from pytest_startup.boot.outgoing import Statement, Words
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.actions import Action, Hearing, Query, RedisCommand, Request
from pytest_startup.contract.journeys import Step
from pytest_startup.contract.templates import Address

KNOWN = {
    "port": "8000",
    "db": Address(protocol="postgres", host="h", port=1),
    "gone": Address(protocol="unavailable", host="h", port=2),
}
LACKS: dict[str, tuple[Action, bool]] = {
    "the only one": (Query("select 1"), False),
    "by its name": (Query("select 1", "db"), False),
    "none of its kind": (RedisCommand(("PING",)), True),
    "nothing to listen to": (Hearing("news"), True),
    "one that is unavailable": (RedisCommand(("PING",), "gone"), True),
    "one of another kind": (Query("select 1", "gone"), True),
    "one that is not there": (Query("select 1", "other"), True),
    "a request": (Request("GET", "/"), False),
}


@pytest.mark.parametrize(("action", "lacks"), LACKS.values(), ids=LACKS)
def test_lack(action: Action, *, lacks: bool):
    """A step which asks a service that is not there cannot be made; that is known before anything is asked."""
    assert lacks is Means(None, Behind(KNOWN)).lack([Step(action=action)])


def test_a_command_has_its_own_limit():
    """A Redis which says nothing is waited for as long as the step says, and no longer."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        known = {"cache": Address(protocol="redis", host="127.0.0.1", port=silent.getsockname()[1])}
        began = now()
        with Behind(known) as behind:
            given = behind.command(Words("", ("PING",), 0.2), Deadline.after(0.2, "a command"))
    assert "TimeoutError" in given.failed
    assert now() - began < 2


def test_asked_nevertheless():
    """Who asks one that is not there is told so, and nothing breaks."""
    behind, deadline = Behind({}), Deadline.after(1, "a question")
    assert "there is no postgres" in behind.ask(Statement("", "select 1", (), 1), deadline).failed
    assert "there is no redis 'cache'" in behind.command(Words("cache", ("PING",), 1), deadline).failed
