"""The events of one user's turn: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import chat
from pytest_startup.events.base import Event
from pytest_startup.events.used import CHAT, ExerciseBegan, JourneyStepped, TurnTaken

from .traces import TARGET, UP, Said, said

CONTRACT = """
[[journeys]]
name = "log-in"
steps = [{ post = "/login" }]
[chat]
journey = "log-in"
socket = "/ws"
ask = { text = "{nonce}" }
events = ["began", { type = "thought", optional = true }, "ended"]
"""


def turn(*types: str, exercise: str = CHAT, user: int = 1, **other: Any) -> TurnTaken:  # noqa: ANN401 - of an event
    """Return a turn in which these events came, a tenth of a second after one another."""
    times = tuple(number / 10 for number in range(1, len(types) + 1))
    fields: dict[str, Any] = {"about": "", "expected": "", "observed": "", "diverged": 0.0, "run": f"r-{user}"} | other
    values: dict[str, Any] = {"at": 4.0, "asked": 3.0, "types": types, "times": times, **fields}
    return TurnTaken(exercise=exercise, user=user, **values)


def wrong(about: str, *types: str, **other: Any) -> TurnTaken:  # noqa: ANN401 - as above
    """Return a turn which left its script after these."""
    said = {"about": about, "expected": f"{about} now", "observed": "noise came", "diverged": 0.5}
    return turn(*types, **said | other)


LOST = JourneyStepped(
    at=3.0, journey="log-in", walker=f"{CHAT}: user 1", step=1, steps=1, request="POST /login", answer="500",
    seconds=0.1, problem="500 was not expected",
)  # fmt: skip
BEGAN = ExerciseBegan(at=2.5, name=CHAT)
NOISE = ["noise came, 0.50 s after the question"]
BEFORE = "the turn went wrong before it: noise came"

EVENTS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "came": ((*UP, turn("began", "ended")), "ended", []),
    "is optional": ((*UP, turn("began", "ended")), "thought", "it is optional, and did not come"),
    "is what is wrong": ((*UP, wrong("ended", "began")), "ended", NOISE),
    "came before what is wrong": ((*UP, wrong("ended", "began")), "began", []),
    "would have come later": ((*UP, wrong("began")), "ended", BEFORE),
    "came, and once more": ((*UP, wrong("began", "began")), "began", NOISE),
    "the end, when something else came": ((*UP, wrong("unheard_of", "began")), "ended", NOISE),
    "of other users": ((*UP, turn("began", "ended", exercise="users")), "ended", "nobody asked in this boot"),
    "nobody could log in": (
        (*UP, BEGAN, LOST), "ended", "the journey of whoever asks failed: POST /login: 500 was not expected"
    ),
    "no time": ((*UP, BEGAN), "ended", "there was no time left for it"),
    "never ready": ((), "ended", "the boot never became ready"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "subject", "expected"), EVENTS.values(), ids=EVENTS)
def test_event(events: tuple[Event, ...], subject: str, expected: Said):
    """An event is judged by where it came, or did not; what comes after the first divergence is not judged."""
    assert expected == said(chat.event, events, TARGET + CONTRACT, subject)


def test_without_a_chat():
    """Who declares no chat has none that could be judged."""
    assert said(chat.event, UP, TARGET, "ended") == "the contract declares no chat"
