"""The events of one user's turn: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import chat
from pytest_startup.contract.reader import parse
from pytest_startup.events.base import Event
from pytest_startup.events.used import CHAT, ExerciseBegan, JourneyStepped, SchemaViolated, TurnTaken
from pytest_startup.trace import Trace

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


DESCRIBED = CONTRACT.replace(
    'events = ["began", {',
    'greeting = ["hello"]\nevents = [{ type = "began", schema = { required = ["id"] } }, { schema = {},',
)


def violated(kind: str, **other: Any) -> SchemaViolated:  # noqa: ANN401 - of an event
    """Return the word that an event was not what its schema says."""
    fields: dict[str, Any] = {"at": 4.0, "exercise": CHAT, "user": 1, "path": "data", "expected": "id in it"} | other
    return SchemaViolated(type=kind, observed="it has nothing", **fields)


UNKNOWN = "neither the contract nor its document says what it must be"
SCHEMAS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "kept to": ((*UP, turn("began", "ended")), "began", []),
    "not kept to": ((*UP, violated("began"), turn("began", "ended")), "began", ["it has nothing"]),
    "not kept to by another one": ((*UP, violated("thought"), turn("began", "thought", "ended")), "began", []),
    "not kept to by who went wrong": ((*UP, violated("began"), wrong("began")), "began", ["it has nothing"]),
    "not kept to elsewhere": ((*UP, violated("began", exercise="users"), turn("began", "ended")), "began", []),
    "did not come": ((*UP, turn("began", "ended")), "thought", "it is optional, and did not come"),
    "went wrong before": ((*UP, wrong("began")), "thought", BEFORE),
    "nobody says what it must be": ((*UP, turn("began", "ended")), "ended", UNKNOWN),
    "nobody asked": ((*UP, BEGAN), "began", "there was no time left for it"),
    "never ready": ((), "began", "the boot never became ready"),
}  # fmt: skip


@pytest.mark.parametrize(("events", "subject", "expected"), SCHEMAS.values(), ids=SCHEMAS)
def test_schema(events: tuple[Event, ...], subject: str, expected: Said):
    """An event is judged by its schema, whatever else was wrong with the turn."""
    assert expected == said(chat.schema, events, TARGET + DESCRIBED, subject)


GREETINGS: dict[str, tuple[TurnTaken, str, Said]] = {
    "came": (turn("began", "ended", greeting=("hello",)), "hello", []),
    "did not": (wrong("hello", questioned=False), "hello", ["noise came, 0.50 s after it connected"]),
    "came, and then": (wrong("began", greeting=("hello",)), "hello", []),
    "and the turn": (wrong("began", greeting=("hello",)), "began", NOISE),
}


@pytest.mark.parametrize(("taken", "subject", "expected"), GREETINGS.values(), ids=GREETINGS)
def test_greeting(taken: TurnTaken, subject: str, expected: Said):
    """An event of a greeting is judged as one of the turn; it is counted from the connection."""
    assert expected == said(chat.event, (*UP, taken), TARGET + DESCRIBED, subject)


def test_words_of_a_schema():
    """What is said of a schema names the place in the frame, and what stands there."""
    events = (*UP, violated("began"), turn("began", "ended"))
    (found,) = chat.schema(Trace.of(events), parse(TARGET + DESCRIBED), "began")  # type: ignore[misc]
    assert "data of began: id in it" == found.expected
    assert "the schema says so" in found.on_purpose


def test_without_a_chat_or_schema():
    """Who declares no chat has no schema of it that could be judged."""
    assert said(chat.schema, UP, TARGET, "ended") == "the contract declares no chat"
