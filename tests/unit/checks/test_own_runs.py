"""What agents have under way: by traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.checks import own_runs
from pytest_startup.events.base import Event
from pytest_startup.events.sockets import PartNotTried, PlaceSettled, SpoofTried

from .traces import READY, TARGET, Said, said

TOML = f"""{TARGET}
[[journeys]]
name = "log-in"
steps = [{{ post = "/login", capture = {{ user_id = "id" }} }}]
[websocket]
journey = "log-in"
socket = "/ws"
settles = "app.state.runs"
[websocket.spoof]
fields = ["user_id"]
say = {{ text = "{{nonce}}" }}
receive = {{ type = "answer" }}
"""
UNTRIED = "no sockets were tried in this boot"

TURN = PlaceSettled(
    at=3.0, place="app.state.runs", occasion="a turn of the chat", before=0, after=0, most=1, seconds=0.1, problem=""
)
LEFT = replace(TURN, occasion="a user left in the midst of a turn")
IDLE = replace(TURN, occasion="a frame was no good", most=0)
SETTLED: dict[str, tuple[tuple[Event, ...], Said]] = {
    "as before": ((READY, TURN, LEFT, IDLE), []),
    "a run is left": ((READY, TURN, replace(LEFT, after=1, seconds=10.0)), ["1, after 10.0 s"]),
    "fewer than before": ((READY, replace(TURN, after=-1)), ["-1, after 0.1 s"]),
    "never anything": ((READY, IDLE), "app.state.runs was never more than 0, so that nothing can be told by it"),
    "it cannot be looked at": (
        (READY, replace(TURN, problem="raised KeyError")),
        "app.state.runs could not be looked at: raised KeyError",
    ),
    "nobody is inside": ((READY, PartNotTried(at=3.0, part="settling", reason="nobody is inside")), "nobody is inside"),
    "not tried": ((READY,), UNTRIED),
}

REFUSED = SpoofTried(at=3.0, field="user_id", outcome="refused", strayed="", recorded=-1, unasked="")
SERVED = replace(REFUSED, outcome="served", recorded=0)
OWN: dict[str, tuple[tuple[Event, ...], Said]] = {
    "refused": ((READY, REFUSED), []),
    "served as the asker's own": ((READY, SERVED), []),
    "something is the other's": ((READY, replace(SERVED, outcome="user_id is not ...")), ["user_id is not ..."]),
    "the other user hears of it": ((READY, replace(SERVED, strayed="{}")), ["{}"]),
    "it is recorded for the other": ((READY, replace(SERVED, recorded=2)), ["2 rows"]),
    "nobody could look at the records": (
        (READY, replace(SERVED, recorded=-1, unasked="timeout")),
        "what was recorded could not be looked for: timeout",
    ),
    "nobody could look, and the other hears of it": (
        (READY, replace(SERVED, recorded=-1, unasked="timeout", strayed="{}")),
        ["{}"],
    ),
    "not tried": ((READY,), UNTRIED),
}


@pytest.mark.parametrize(("events", "expected"), SETTLED.values(), ids=SETTLED)
def test_settled(events: tuple[Event, ...], expected: Said):
    """What is under way comes to its end."""
    assert said(own_runs.settled, events, TOML, "app.state.runs") == expected


@pytest.mark.parametrize(("events", "expected"), OWN.values(), ids=OWN)
def test_own(events: tuple[Event, ...], expected: Said):
    """A frame with another user's id is refused, or the asker's own."""
    assert said(own_runs.own, events, TOML, "user_id") == expected
