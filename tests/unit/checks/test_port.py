"""A port that is taken: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import port
from pytest_startup.events.base import Event
from pytest_startup.events.process import Exited, FaultFelt, NeverReady, RivalRan, Spawned

from .traces import AGENT, PORT, TARGET, UP, URL, Said, line, said

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


def rival(code: int | None, *, ready: bool = False, said: str = "[Errno 98] address already in use") -> RivalRan:
    """Return what became of the second instance."""
    return RivalRan(at=3.0, ready=ready, code=code, log=(said,))


RACE: dict[str, tuple[tuple[Event, ...], Said]] = {
    "the first serves": ((*UP, rival(1)), []),
    "the second serves": ((AGENT, TOLD, EXIT, rival(None, ready=True)), []),
    "both serve": ((*UP, rival(None, ready=True)), ["both did"]),
    "none serves": ((AGENT, TOLD, EXIT, rival(1)), ["none did: it ended with code 1"]),
    "the other waits": ((*UP, rival(None)), ["it went on"]),
    "the other ends with 0": ((*UP, rival(0)), ["exit code 0"]),
    "the other says nothing": ((*UP, rival(1, said="bye")), ["no line does"]),
    "the first ends and says nothing": ((AGENT, EXIT, rival(None, ready=True)), ["no line does"]),
    "no other": (UP, "no second instance was started: who serves can only be told of a launch.target"),
}


@pytest.mark.parametrize(("events", "expected"), RACE.values(), ids=RACE)
def test_race_has_one_winner(events: tuple[Event, ...], expected: Said):
    """Of two instances one serves, and the other ends with an error that says why."""
    assert expected == said(port.race_has_one_winner, events, TARGET)
