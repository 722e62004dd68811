"""Events in words."""

from __future__ import annotations

import dataclasses
from typing import Any, get_type_hints

import pytest

from pytest_startup.events.base import Event
from pytest_startup.events.instances import SecondRecorded
from pytest_startup.events.process import LogLine, Ready
from pytest_startup.events.returning import CameAgain, QueueDelivered, TurnResumed
from pytest_startup.events.used import AbsentAddressed, DeliveryTried
from pytest_startup.report.words import entries, masked, words

EXAMPLES: dict[Any, object] = {str: "text", float: 1.0, int: 1, bool: True}
OTHERS: dict[str, object] = {
    "fields": {},
    "headers": {},
    "answers": {},
    "size": None,
    "stream": "stdout",
    "answer": "200",
    "event": {"kind": "Ready", "at": 1.0},
}


def _example(kind: type[Event]) -> Event:
    hints = get_type_hints(kind)
    values = {field.name: EXAMPLES.get(hints[field.name], ()) for field in dataclasses.fields(kind)}
    for name, value in OTHERS.items():
        if name in values:
            values[name] = value
    return kind(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(Event.kinds))
def test_every_kind_has_words(name: str):
    """Every kind of event is told in words, not as a dump of its fields."""
    said = words(_example(Event.kinds[name]))
    assert name not in said.label
    assert "=" not in said.text


def test_a_call_that_hangs():
    """A call that puts an event in and does not return is told so, unless more is known."""
    tried: dict[str, Any] = {
        "at": 1.0,
        "delivery": "a",
        "user": "the first",
        "arrived": 0,
        "strayed": 0,
        "seconds": 0.0,
    }
    assert words(DeliveryTried(**tried, problem="", returned=False)).text.endswith(": the call did not return")
    assert words(DeliveryTried(**tried, problem="closed 1008", returned=False)).text.endswith(": closed 1008")
    absent = AbsentAddressed(at=1.0, delivery="a", pattern="", recipient="joe", raised="", began=0.5, returned=False)
    assert words(absent).text.endswith(": the call did not return")


def test_a_kind_without_words():
    """A kind that is added later is shown by its fields until it has words."""

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Added(Event):
        what: str

    assert words(Added(at=0.0, what="news")) == ("Added", "what='news'")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://app:hunter2@h/db", "postgresql://app:***@h/db"),
        ("redis://:hunter2@h", "redis://:***@h"),
        ("http://127.0.0.1:8000/a", "http://127.0.0.1:8000/a"),
        ("no secret: here@all", "no secret: here@all"),
    ],
)
def test_masked(text: str, expected: str):
    """What looks like a password of a URL is masked, and nothing else."""
    assert masked(text) == expected


def test_entries_leave_out_logs():
    """An excerpt of the timeline holds no log lines, of the second instance neither: they have their own."""
    said = {"kind": "LogLine", "at": 1.0, "stream": "stdout", "text": "y"}
    line = LogLine(at=1.0, stream="stdout", text="x")
    events = [Ready(at=1.0), line, SecondRecorded(at=1.0, event=said), Ready(at=2.0)]
    assert [(entry.at, entry.until, entry.times) for entry in entries(events)] == [(1.0, 2.0, 2)]


def test_returns():
    """Of those who came back it is said what came, and what kept them away."""
    queue: dict[str, Any] = {"at": 1.0, "user": "one", "when": "away", "way": "closed", "put": tuple(range(1, 9))}
    queue |= {"refused": (), "came": tuple(range(1, 9)), "seconds": 0.1}
    came = "one, closed (away): 1, 2, 3, 4, 5, 6 and 2 more of 1, 2, 3, 4, 5, 6 and 2 more came"
    assert came == words(QueueDelivered(**queue, foreign=0, problem="")).text
    assert f"{came}, 2 of others" == words(QueueDelivered(**queue, foreign=2, problem="")).text
    assert words(QueueDelivered(**queue, foreign=0, problem="denied 403")).text.endswith(": denied 403")
    turn: dict[str, Any] = {"at": 1.0, "user": "one", "way": "closed", "seen": 1, "before": 1, "types": ("began",)}
    wrong: dict[str, Any] = {"about": "ended", "expected": "ended", "observed": "nothing came", "resumed": True}
    said = words(TurnResumed(**turn, **wrong, problem=""))
    assert said.text.endswith("1 came: ended was expected, nothing came")
    assert words(TurnResumed(**turn, **{**wrong, "about": ""}, problem="")).text.endswith("1 came: all well")
    again = CameAgain(at=1.0, when="early", number=1, seconds=0.5, answer="closed 1013", pause=2.0)
    assert words(again).text == "early, number 1 within 0.50 s: closed 1013, to wait 2 s"
