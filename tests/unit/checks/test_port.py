"""A port that is taken: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import port
from pytest_startup.events.base import Event
from pytest_startup.events.process import Exited, FaultFelt, NeverReady, Spawned

from .traces import AGENT, PORT, TARGET, URL, Said, line, said

SPAWNED = Spawned(at=0.0, pid=7, command=("python",), directory="/")
TAKEN = (SPAWNED, FaultFelt(at=0.0, fault="port-taken", subject="startup"), AGENT)
TOLD = line("ERROR: [Errno 98] error while attempting to bind on address: address already in use")
EXIT = Exited(at=2.0, code=1, asked=False)
NEVER = NeverReady(at=9.0, limit=9.0, waiting_for="the server to listen", stacks="")

IS_REFUSED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "told": ((*TAKEN, TOLD, EXIT), TARGET, []),
    "told in other words": ((*TAKEN, line("Error: EADDRINUSE 8000"), EXIT), TARGET, []),
    "ends with 0": ((*TAKEN, TOLD, Exited(at=2.0, code=0, asked=False)), TARGET, ["exit code 0"]),
    "says something else": (
        (*TAKEN, line("model in use: small"), line("RuntimeError: no"), EXIT),
        TARGET,
        ["no line does"],
    ),
    "says nothing": ((*TAKEN, line("bye"), EXIT), TARGET, ["no line does"]),
    "waits": ((*TAKEN, TOLD, NEVER), TARGET, ["it went on"]),
    "ends at last": ((*TAKEN, TOLD, NEVER, Exited(at=9.5, code=1, asked=False)), TARGET, ["it went on"]),
    "takes another one": ((*TAKEN, PORT), TARGET, ["it went on, on port 8000 instead"]),
    "not taken": ((SPAWNED, AGENT), TARGET, "the port was not taken"),
    "up already": (TAKEN, URL, "an application that was up already is not started by us"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), IS_REFUSED.values(), ids=IS_REFUSED)
def test_is_refused(events: tuple[Event, ...], toml: str, expected: Said):
    """A start whose port is taken ends with an error, and the log says why."""
    assert expected == said(port.is_refused, events, toml)
