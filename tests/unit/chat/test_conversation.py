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
from pytest_startup.chat.schemas import judges
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


# -- the time of each event, ids, numbers, and what may never come ---------------------------------------------------

EACH_ITS_TIME = """
events = [
    { type = "a", within = 1 },
    { type = "b", within = 2, optional = true },
    { type = "c", within = 0.5, repeated = true, optional = true },
    { type = "end", within = 3 },
]
first_within = 60
max_gap = 60
max_seconds = 10
"""
WITHIN: dict[str, tuple[tuple[tuple[str, float], ...], float, str]] = {
    "in time": ((("a", 0.9), ("b", 2.8), ("c", 3.2), ("c", 3.7), ("end", 6.6)), 6.6, ""),
    "the first is late": (
        (("a", 1.1),), 1.1, "a within 1 s of the question was expected at 1.10 s: it came after 1.10 s"
    ),
    "one is late while the next one still has time": (
        (("a", 1.0), ("b", 3.1)), 3.1, "b within 2 s of a was expected at 3.10 s: it came after 3.10 s"
    ),
    "a repeated one is late": (
        (("a", 1.0), ("c", 1.4), ("c", 2.0)), 2.0, "c within 0.5 s of c was expected at 2.00 s: it came after 2.00 s"
    ),
    "there is time as long as any can come": ((("a", 1.0),), 3.9, ""),
    "nothing comes": (
        (("a", 1.0),), 4.1, "end or b or c after a was expected at 4.10 s: nothing came within 3 s of a"
    ),
    "the whole takes too long": (
        (("a", 1.0), *(("c", 1.4 + at * 0.4) for at in range(22)), ("end", 10.1)), 10.1,
        "end within 10 s of the question was expected at 10.10 s: it came after 10.10 s",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "until", "expected"), WITHIN.values(), ids=WITHIN)
def test_each_its_time(events: tuple[tuple[str, float], ...], until: float, expected: str):
    """An event which says its own time is judged by that, others by those of the chat; the whole has a limit, too."""
    turn = Conversation(chat_of(EACH_ITS_TIME), NONCE)
    turn.asked()
    for kind, at in events:
        turn.feed(json.dumps({"type": kind}), at)
    turn.silence(until)
    assert expected == ("" if turn.divergence is None else str(turn.divergence))


NUMBERED = chat_of("""
events = ["began", { type = "delta", repeated = true, optional = true }, "ended"]
ignored = ["beat"]
id = "meta.id"
sequence = "meta.n"
""")


@st.composite
def numbered(draw: st.DrawFn) -> list[Frame]:
    """Draw a valid turn with ids and numbers; what is ignored may have some of the numbers, or ones of its own."""
    kinds = ["began", *["delta"] * draw(st.integers(0, 4)), "ended"]
    number, frames = draw(st.integers(0, 1000)), list[Frame]()
    for kind in kinds:
        while draw(st.booleans()) and len(frames) < 12:
            takes = frames and draw(st.booleans())
            frames.append({"type": "beat", "meta": {"n": number if takes else draw(st.integers(2000, 3000))}})
            number += 1 if takes else 0
        frames.append({"type": kind, "meta": {"id": f"e-{number}", "n": number}})
        number += 1
    return frames


def of_the_turn(frames: Sequence[Frame]) -> list[int]:
    """Return the places of those which count."""
    return [at for at, each in enumerate(frames) if each["type"] != "beat"]


@given(numbered())
def test_numbered_turns_pass(frames: list[Frame]):
    """Ids which are all different, and numbers which grow by one, are as they have to be."""
    turn = told(frames, NUMBERED)
    assert turn.divergence is None
    assert turn.complete


@given(numbered(), st.data())
def test_an_id_twice_is_found(frames: list[Frame], data: st.DataObject):
    """An id which has come before is found, also where an event may be repeated; whose it was is said."""
    first, second = sorted(
        data.draw(st.lists(st.sampled_from(of_the_turn(frames)), min_size=2, max_size=2, unique=True))
    )
    again = frames[first]["meta"]["id"]
    frames[second] = {**frames[second], "meta": {**frames[second]["meta"], "id": again}}
    turn = told(frames, NUMBERED)
    assert turn.divergence is not None
    assert frames[second]["type"] == about(turn)
    assert f"meta.id {again} has come before, as that of {frames[first]['type']}" == turn.divergence.observed


@given(numbered(), st.data())
def test_a_number_too_far_is_found(frames: list[Frame], data: st.DataObject):
    """A number which is left out, or comes again, is found, at the event which has it."""
    at = data.draw(st.sampled_from(of_the_turn(frames)[1:]))
    number = frames[at]["meta"]["n"]
    wrong = data.draw(st.sampled_from([number + 1, number - 1, number + 10**12, -1, str(number), None, 0.5]))
    frames[at] = {**frames[at], "meta": {**frames[at]["meta"], "n": wrong}}
    turn = told(frames, NUMBERED)
    assert frames[at]["type"] == about(turn)
    assert turn.divergence is not None
    assert "meta.n" in turn.divergence.expected


@given(numbered(), st.data())
def test_numbers_on_another_connection(frames: list[Frame], data: st.DataObject):
    """On another connection numbers go on, or begin anew at 0 or 1; one that is left out is found there, too."""
    cut = data.draw(st.sampled_from(of_the_turn(frames)[1:]))
    rest = frames[cut:]
    away = data.draw(st.sampled_from([0, *(start - rest[0]["meta"]["n"] for start in (0, 1))]))
    lost = data.draw(st.sampled_from([None, *of_the_turn(rest)]))
    turn = Conversation(NUMBERED, NONCE)
    turn.asked()
    for each in frames[:cut]:
        turn.feed(json.dumps(each), 0.0)
    turn.connected_again()
    for place, each in enumerate(rest):
        number = each["meta"]["n"] + away + (lost is not None and place >= lost)
        turn.feed(json.dumps({**each, "meta": {**each["meta"], "n": number}}), 0.0)
    due = rest[0]["meta"]["n"]
    as_if_none = lost == 0 and due + away + 1 in {1, due}  # it is the first one, and the next would have been right too
    assert (turn.divergence is None) is (lost is None or as_if_none)


def test_without_a_number():
    """An event without the id, or the number, which each must have is found."""
    for lacking, path in (({"id": "e"}, "meta.n"), ({"n": 1}, "meta.id")):
        turn = told([{"type": "began", "meta": lacking}], NUMBERED)
        assert turn.divergence is not None
        assert f"began with {path} in it" == turn.divergence.expected


NEVER = chat_of('events = ["a", "end"]\nignored = ["*"]\nnever = ["*_failed", "error"]')


@pytest.mark.parametrize(
    ("before", "kind", "expected"),
    [
        ((), "run_failed", "no *_failed, which may never come, but a after the question"),
        (("a",), "error", "no error, which may never come, but end after a"),
        (("a", "end"), "error", "no error, which may never come"),
    ],
)
def test_what_may_never_come(before: Sequence[str], kind: str, expected: str):
    """What may never come is wrong wherever it comes, though all else is ignored; the message names the rule."""
    turn = told(["noise", *({"type": each} for each in before), {"type": kind}], NEVER)
    assert turn.divergence is not None
    assert expected == turn.divergence.expected
    assert turn.divergence.observed == f'{kind} came: {{"type": "{kind}"}}'
    assert about(turn) in {"a", "end"}


PLACES = {
    "data.type": lambda kind: {"data": {"type": kind}},
    "event": lambda kind: {"event": kind},
    "0": lambda kind: [kind, {"some": "payload"}],
    "3": lambda kind: [None, "7", "room", kind, {}],
    "0.kind": lambda kind: [{"kind": kind}],
}


@pytest.mark.parametrize("path", PLACES)
def test_type_in_its_place(path: str):
    """The type stands where the contract says, be a frame an object or an array."""
    chat = chat_of(f'events = ["a", "end"]\ntype = "{path}"\nid = "id"'.replace('\nid = "id"', ""))
    frames = [json.dumps(PLACES[path](kind)) for kind in ("a", "end")]
    assert told(frames, chat).complete
    assert not told(frames[::-1], chat).complete
    assert not told([frames[0], "[]", frames[1]], chat).complete


# -- the server speaks first -----------------------------------------------------------------------------------------

GREETED = chat_of("""
greeting = ["hello", { type = "state", optional = true }, { type = "ready", within = 1 }]
capture = { session = "session.id", room = "room" }
events = ["began", "ended"]
ignored = ["beat"]
fields = { session = "{session}" }
first_within = 2
max_gap = 3
""")
HELLO, READY = {"type": "hello", "session": {"id": "s-1"}}, {"type": "ready", "room": 7}


def greeted(*frames: Frame | str, after: float = 0.1) -> Conversation:
    """Return a turn before its question, to which these frames came."""
    turn = Conversation(GREETED, NONCE)
    for number, frame in enumerate(frames, 1):
        assert not turn.ready
        turn.feed(frame if isinstance(frame, str) else json.dumps(frame), number * after)
    return turn


@given(st.lists(st.sampled_from([0, 1, 2]), max_size=4), st.booleans())
def test_a_greeting(beats: list[int], has_state: bool):  # noqa: FBT001
    """After a greeting the question may be asked, which knows what was said; then the turn is as any other."""
    frames: list[Frame | str] = [HELLO, *([{"type": "state"}] if has_state else []), READY]
    for at in beats:
        frames.insert(min(at, len(frames) - 1), '{"type": "beat"}')
    turn = greeted(*frames)
    assert turn.ready
    assert turn.divergence is None
    assert {"session": "s-1", "room": 7} == turn.captured
    turn.silence(100.0)  # whoever is ready may wait for others
    turn.asked({"session": "s-1"}, 5.0)
    for at, kind in enumerate(("began", "ended")):
        turn.feed(json.dumps({"type": kind, "session": "s-1"}), float(at))
    assert turn.complete
    assert (["hello", *(["state"] if has_state else []), "ready"], ["began", "ended"]) == (turn.greeted, turn.types)
    assert 5.0 == turn.began_at


GREETINGS: dict[str, tuple[Sequence[Frame], str]] = {
    "in another order": ([READY], "hello after the connection was expected at 0.10 s: ready came"),
    "an event of the turn": (
        [HELLO, {"type": "began"}], "ready or state after hello was expected at 0.20 s: began came"
    ),
    "without what is captured": (
        [HELLO, {"type": "ready"}],
        'ready with room in it, or in what came before it was expected at 0.20 s: none has it: {"type": "ready"}',
    ),
    "nothing": ([], "hello after the connection was expected at 9.00 s: nothing came within 2 s of the connection"),
    "not all of it": (
        [HELLO], "ready or state after hello was expected at 9.00 s: nothing came within 3 s of hello"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("frames", "expected"), GREETINGS.values(), ids=GREETINGS)
def test_a_greeting_that_is_wrong(frames: Sequence[Frame], expected: str):
    """A greeting is a script of its own: its first divergence is named, and counted from the connection."""
    turn = greeted(*frames)
    turn.silence(9.0)
    assert turn.divergence is not None
    assert str(turn.divergence).startswith(expected)


def test_after_a_greeting():
    """Between the greeting and the question nothing may come but what is ignored, and the socket must stay open."""
    early = greeted(HELLO, READY)
    assert "ignored" == early.feed('{"type": "beat"}', 0.3)
    assert "wrong" == early.feed('{"type": "began", "session": "s-1"}', 0.4)
    assert "nothing before the question was expected at 0.40 s" in str(early.divergence)
    gone = greeted(HELLO, READY)
    gone.broken("the socket was closed 1011", 0.5)
    assert "began after the question was expected at 0.50 s: the socket was closed 1011" == str(gone.divergence)


def test_a_question_that_is_refused():
    """Who is refused the question is told so, unless the turn is over by then."""
    turn = Conversation(NEVER, NONCE)
    turn.asked()
    turn.refused("POST /ask answered by 200 to 299", "the answer was 422", 0.2)
    assert "POST /ask answered by 200 to 299 was expected at 0.20 s: the answer was 422" == str(turn.divergence)
    assert "a" == about(turn)
    done = told([{"type": "a"}, {"type": "end"}], NEVER)
    done.refused("POST /ask answered by 200 to 299", "the answer was timeout", 5.0)
    assert done.complete


# -- two conversations -----------------------------------------------------------------------------------------------


@given(turns(), turns(), st.data())
def test_crossed_conversations_are_found(ours: list[Frame], theirs: list[Frame], data: st.DataObject):
    """However two users' conversations are crossed, whoever is sent an event of the other's is told, at that event."""
    stray = data.draw(st.sampled_from(theirs))
    stray = {**stray, "run_id": "r-2", "user_id": "u-2"}
    at = data.draw(st.integers(0, len(ours)))
    turn = told([*ours[:at], stray, *ours[at:]])
    assert turn.divergence is not None
    assert len(turn.types) == at
    assert "-2" in str(turn.divergence)


# -- schemas ---------------------------------------------------------------------------------------------------------

SCHEMAS = chat_of("""
events = [
    "a",
    { type = "b", schema = { required = ["n"], properties.n.type = "integer", properties.tags.items.enum = ["x"] } },
    "end",
]
""")
SHAPES: dict[str, tuple[Frame, tuple[str, str, str] | None]] = {
    "as it must be": ({"n": 1, "more": True, "tags": ["x"]}, None),
    "a field renamed": ({"number": 1}, ("the frame", "n in it", "it has type, number")),
    "another type": ({"n": "1"}, ("n", "of type integer", '"1"')),
    "deep within": ({"n": 1, "tags": ["x", "y"]}, ("tags[1]", 'enum ["x"]', '"y"')),
}


@pytest.mark.parametrize(("fields", "expected"), SHAPES.values(), ids=SHAPES)
def test_schemas(fields: Frame, expected: tuple[str, str, str] | None):
    """A frame which is not what its schema says is no divergence; it is noted beside the turn, once for its type."""
    turn = Conversation(SCHEMAS, NONCE, schemas=judges(SCHEMAS))
    turn.asked()
    for at, frame in enumerate(({"type": "a"}, {"type": "b", **fields}, {"type": "end"})):
        turn.feed(json.dumps(frame), at / 10)
    assert turn.complete
    found = [(each.about, each.path, each.expected, each.observed) for each in turn.violations]
    assert ([] if expected is None else [("b", *expected)]) == found
