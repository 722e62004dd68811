"""Turns of the chat: any valid one passes, whatever comes between; any that differs fails, at its first divergence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_startup.chat import nonces
from pytest_startup.chat.conversation import Conversation
from pytest_startup.contract.chat import Chat
from pytest_startup.contract.reader import parse

HEAD = """
[launch]
target = "app:app"
[[journeys]]
name = "login"
steps = [{ post = "/login", capture = { user_id = "id" } }]
[chat]
journey = "login"
socket = "/ws"
ask = { text = "{nonce}" }
"""
FIVE = """
events = [
    "started",
    { type = "thinking", optional = true },
    { type = "tool_executing", repeated = true, optional = true, nonce = "payload.arguments" },
    { type = "tool_completed", repeated = true, optional = true },
    "composing",
    { type = "delta", repeated = true, optional = true },
    "completed",
]
ignored = ["heartbeat", "notice_*", "2"]
pairs = [{ begin = "tool_executing", end = "tool_completed", id = "payload.tool_id" }]
run = "run_id"
fields = { user_id = "{user_id}" }
answer = "payload.answer"
first_within = 2
max_gap = 3
max_seconds = 20
"""
NONCE = "ask0123456789abcdef"
OTHER = "askfedcba9876543210"
IGNORABLE = ['{"type": "heartbeat"}', '{"type": "notice_of_all", "run_id": "another"}', "2"]
Frame = dict[str, Any]


def chat_of(toml: str) -> Chat:
    """Return the chat of a contract."""
    chat = parse(HEAD + toml).chat
    assert chat is not None
    return chat


CHAT = chat_of(FIVE)


def event(kind: str, tool: str = "", **other: Any) -> Frame:  # noqa: ANN401 - of a frame
    """Return a frame as it should be."""
    payload: Frame = {"text": "some words"}
    if tool:
        payload = {"tool_id": tool, "arguments": json.dumps({"query": NONCE}), "result": NONCE}
    if kind == "completed":
        payload = {"answer": f"The answer to {NONCE}."}
    return {"type": kind, "run_id": "r-1", "user_id": "u-1", "payload": payload, **other}


@st.composite
def turns(draw: st.DrawFn, *, least_tools: int = 0) -> list[Frame]:
    """Draw the events of a valid turn: tools nested or one after the other, optional events there or not."""
    tools = [f"call_{number}" for number in range(draw(st.integers(least_tools, 3)))]
    waiting, running, work = list(tools), list[str](), list[Frame]()
    while waiting or running:
        if waiting and (not running or draw(st.booleans())):
            running.append(waiting.pop(0))
            work.append(event("tool_executing", running[-1]))
        else:
            work.append(event("tool_completed", running.pop(draw(st.integers(0, len(running) - 1)))))
    thinking = [event("thinking")] if draw(st.booleans()) else []
    deltas = [event("delta") for _ in range(draw(st.integers(0, 3)))]
    return [event("started"), *thinking, *work, event("composing"), *deltas, event("completed")]


def told(frames: Sequence[Frame | str], chat: Chat = CHAT) -> Conversation:
    """Return a turn in which these frames came, a tenth of a second after one another."""
    turn = Conversation(chat, NONCE)
    turn.asked(dict.fromkeys(chat.fields, "u-1"))
    for number, frame in enumerate(frames, 1):
        turn.feed(frame if isinstance(frame, str) else json.dumps(frame), number / 10)
    turn.broken("nothing else came", len(frames) / 10)
    return turn


def about(turn: Conversation) -> str:
    """Return the type which the first divergence is about."""
    assert turn.divergence is not None
    return turn.divergence.about


@given(turns(), st.data())
def test_valid_turns_pass(events: list[Frame], data: st.DataObject):
    """Any valid turn passes, with anything ignorable anywhere in it, and after it."""
    frames: list[Frame | str] = list(events)
    for frame in data.draw(st.lists(st.sampled_from(IGNORABLE), max_size=6)):
        frames.insert(data.draw(st.integers(0, len(frames))), frame)
    turn = told(frames)
    assert turn.divergence is None
    assert turn.complete
    assert [each["type"] for each in events] == turn.types
    assert "r-1" == turn.run


@given(turns(), st.data())
def test_a_missing_event_is_found(events: list[Frame], data: st.DataObject):
    """Whichever event is dropped that has to come, the turn fails; what was expected there is named."""
    dropped = data.draw(st.sampled_from([each for each in events if each["type"] not in {"thinking", "delta"}]))
    turn = told([each for each in events if each is not dropped])
    assert turn.divergence is not None
    if not dropped["type"].startswith("tool"):
        assert dropped["type"] == about(turn)
        assert dropped["type"] in turn.divergence.expected
    elif dropped["type"] == "tool_executing":
        assert "tool_completed" == about(turn)
    else:
        assert "no tool_completed came for" in turn.divergence.observed


@given(turns(), st.data())
def test_a_doubled_event_is_found(events: list[Frame], data: st.DataObject):
    """Whichever event comes twice that may come once, the turn fails at its copy."""
    doubled = data.draw(st.sampled_from([at for at, each in enumerate(events) if each["type"] != "delta"]))
    turn = told([*events[: doubled + 1], *events[doubled:]])
    assert events[doubled]["type"] == about(turn)
    assert len(turn.types) == doubled + 1


@given(turns(least_tools=1), st.data())
def test_swapped_events_are_found(events: list[Frame], data: st.DataObject):
    """Two events which change places are found, unless they may come in either order."""
    first = data.draw(st.integers(0, len(events) - 2))
    free = {"tool_executing", "tool_completed"}
    one, other = events[first], events[first + 1]
    same = one["type"] == other["type"]
    either = {one["type"], other["type"]} <= free and one["payload"]["tool_id"] != other["payload"]["tool_id"]
    swapped = [*events[:first], other, one, *events[first + 2 :]]
    assert (told(swapped).divergence is None) is (same or either)


CROSSINGS: dict[str, Frame] = {
    "of another run": {"run_id": "r-2"},
    "of another user": {"user_id": "u-2"},
    "of another question": {"title": f"An answer to {OTHER}."},
    "of no run": {"run_id": None},
}


@given(turns(), st.sampled_from(sorted(CROSSINGS)), st.data())
def test_a_crossed_event_is_found(events: list[Frame], crossing: str, data: st.DataObject):
    """An event which is another run's, user's or question's is found, wherever it comes, and named."""
    at = data.draw(st.integers(1, len(events) - 1))
    crossed = {**events[at], **CROSSINGS[crossing]}
    turn = told([*events[:at], crossed, *events[at + 1 :]])
    assert events[at]["type"] == about(turn)
    assert len(turn.types) == at


@given(turns(), st.data())
def test_an_event_too_many_is_found(events: list[Frame], data: st.DataObject):
    """Whatever comes after the last event, and cannot be ignored, is found: also another last one."""
    more = data.draw(st.sampled_from([*events, event("unheard_of")]))
    turn = told([*events, more])
    assert turn.over
    assert not turn.complete
    assert more["type"] == about(turn)
    assert turn.divergence is not None
    assert "nothing after completed" == turn.divergence.expected


PLAIN = [event("started"), event("tool_executing", "c"), event("tool_completed", "c"), event("composing")]
DIVERGENCES: dict[str, tuple[Sequence[Frame | str], str]] = {
    "nothing at all": ([], "started after the question was expected at 0.00 s: nothing else came"),
    "a failure": (
        [event("started"), {"type": "failed", "why": "quota"}],
        (
            "composing or thinking or tool_executing or tool_completed after started was expected at 0.20 s: "
            'failed came: {"type": "failed", "why": "quota"}'
        ),
    ),
    "no JSON": (["hello"], "started after the question was expected at 0.10 s: hello came"),
    "no run": (
        [{"type": "started", "user_id": "u-1"}],
        'started with run_id in it was expected at 0.10 s: it has none: {"type": "started", "user_id": "u-1"}',
    ),
    "a canned answer": (
        [*PLAIN, event("completed", payload={"answer": "It comes on Tuesday."})],
        (
            "completed with the nonce ask0123456789abcdef of the question in payload.answer was expected at 0.50 s: "
            "payload.answer is 'It comes on Tuesday.'"
        ),
    ),
    "a canned tool": (
        [event("started"), event("tool_executing", payload={"tool_id": "c", "arguments": "{}"})],
        (
            "tool_executing with the nonce ask0123456789abcdef of the question in payload.arguments was expected "
            "at 0.20 s: payload.arguments is '{}'"
        ),
    ),
    "another user": (
        [event("started", user_id="u-2")],
        "started with user_id u-1 was expected at 0.10 s: user_id is u-2",
    ),
    "another run": (
        [event("started"), event("composing", run_id="r-2")],
        "composing with run_id r-1, as before was expected at 0.20 s: run_id is r-2",
    ),
    "a tool twice": (
        [*PLAIN[:3], event("tool_executing", "c")],
        "tool_executing with a new payload.tool_id was expected at 0.40 s: payload.tool_id c has come before",
    ),
}


@pytest.mark.parametrize(("frames", "expected"), DIVERGENCES.values(), ids=DIVERGENCES)
def test_words(frames: Sequence[Frame | str], expected: str):
    """The first divergence says what was expected, what came, and when."""
    assert expected == str(told(frames).divergence)


LATE = "started within 2 s of the question was expected at 2.10 s: it came after 2.10 s"
MISSING = "started after the question was expected at 2.10 s: nothing came within 2 s of the question"
GAP = "composing within 3 s of started was expected at 4.10 s: it came after 4.10 s"
LONG = "delta within 19.9 s of the question was expected at 20.00 s: it came after 20.00 s"
TIMES: dict[str, tuple[tuple[float, ...], float, str]] = {
    "in time": ((1.9, 4.8), 5.0, ""),
    "the first is late": ((2.1,), 2.2, LATE),
    "the first is missing": ((), 2.1, MISSING),
    "a gap": ((1.0, 4.1), 4.2, GAP),
    "it goes on for too long": ((1.0, *(2.0 + number for number in range(19))), 21.0, LONG),
}


@pytest.mark.parametrize(("times", "until", "expected"), TIMES.values(), ids=TIMES)
def test_times(times: tuple[float, ...], until: float, expected: str):
    """The first event, each further one and the last have their times."""
    turn = Conversation(chat_of(FIVE.replace("max_seconds = 20", "max_seconds = 19.9")), NONCE)
    turn.asked({"user_id": "u-1"})
    for at, kind in zip(times, ("started", "composing", *["delta"] * 20), strict=False):
        turn.feed(json.dumps(event(kind)), at)
    turn.silence(until)
    assert expected == ("" if turn.divergence is None else str(turn.divergence))


def test_before_the_question():
    """Who is sent an event before the question was asked gets somebody else's; what is ignored may come."""
    turn = Conversation(CHAT, NONCE)
    assert "ignored" == turn.feed('{"type": "heartbeat"}', 0.0)
    assert "wrong" == turn.feed(json.dumps(event("started")), 0.0)
    assert "nothing before the question was expected at 0.00 s: started came" in str(turn.divergence)


def test_a_history():
    """What the same user has asked before may come back; what others ask may not."""
    for earlier, good in (((OTHER,), True), ((), False)):
        turn = Conversation(CHAT, NONCE, earlier)
        turn.asked({"user_id": "u-1"})
        assert ("expected" if good else "wrong") == turn.feed(json.dumps(event("started", history=[OTHER])), 0.1)


def test_a_mixture_of_what_is_repeated():
    """Repeated neighbours come in any mixture, each as often as it likes, none of those that must come left out."""
    chat = chat_of('events = [{ type = "a", repeated = true }, { type = "b", repeated = true }, "end"]')
    kinds = {"abend": True, "babaend": True, "aabbend": True, "aend": False, "bbend": False, "end": False}
    for said, good in kinds.items():
        letters = [*said.removesuffix("end"), "end"]
        assert told([{"type": each} for each in letters], chat).complete is good


def test_everything_else_is_ignored():
    """A star ignores what is not in the sequence; what is, counts."""
    chat = chat_of('events = ["a", "b"]\nignored = ["*"]')
    assert told(["x", {"type": "a"}, {"no": "type"}, {"type": "b"}, "y"], chat).complete
    assert not told([{"type": "b"}, {"type": "a"}], chat).complete


def test_types_anywhere():
    """The type of an event may stand deep in a frame, and be a number."""
    chat = chat_of('events = ["1", "2"]\ntype = "data.0.kind"\nignored = ["*"]')
    assert told([{"data": [{"kind": 1}]}, {"data": [{"kind": 2}]}], chat).complete


def test_nonces():
    """A nonce is found in a text, and is like no other text."""
    nonce = nonces.new()
    assert [nonce] == nonces.within(f'{{"x": "{nonce}!"}}')
    assert [] == nonces.within("ask me for 0123456789abcdef")
