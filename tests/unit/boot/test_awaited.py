"""What is waited for on a socket, without input or output."""

from __future__ import annotations

import pytest

from pytest_startup.boot.awaited import Awaited, is_like
from pytest_startup.contract.places import JsonValue

LIKE = {
    "at least": ({"a": 1}, '{"a": 1, "b": 2}', True),
    "not less": ({"a": 1, "b": 2}, '{"a": 1}', False),
    "within": ({"a": {"b": [1]}}, '{"a": {"b": [1], "c": 2}}', True),
    "no JSON": ({"a": 1}, "a", False),
    "nothing wanted of it": ({}, "{}", True),
    "an array is no table": ({}, "[]", False),
    "a text": ("pong", "pong", True),
    "all of it": ("pong", "pong!", False),
    "any text": ('42["said",*]', '42["said",{"a":\n1}]', True),
    "nothing is a text too": ("a*", "a", True),
    "dots are dots": ("a.c", "abc", False),
}


@pytest.mark.parametrize(("wanted", "frame", "like"), LIKE.values(), ids=LIKE)
def test_like(wanted: JsonValue, frame: str, like: bool):  # noqa: FBT001
    """A table is what the JSON of a frame has at least; a text is all of it, but for what `*` stands for."""
    assert like is is_like(wanted, frame)


A, B, TICK = '{"t": "a", "n": 1}', '{"t": "b"}', "tick 7"
NEXT = Awaited([{"t": "b"}], ["tick*"], next=True)
FRAMES = {
    "the first": (Awaited([{"t": "a"}]), [A], {"t": "a", "n": 1}),
    "later": (Awaited([{"t": "b"}]), [A, TICK, B], {"t": "b"}),
    "a text": (Awaited(["tick*"]), [A, TICK], TICK),
    "bytes": (Awaited([{"t": "b"}]), [B.encode()], {"t": "b"}),
    "in any order": (Awaited([{"t": "b"}, {"t": "a"}]), [A, TICK, B], [{"t": "b"}, {"t": "a", "n": 1}]),
    "each once": (Awaited([{"t": "b"}, {"t": "b"}]), [B, B], [{"t": "b"}, {"t": "b"}]),
    "next, but for what is ignored": (NEXT, [TICK, B], {"t": "b"}),
}  # fmt: skip


@pytest.mark.parametrize(("awaited", "frames", "value"), FRAMES.values(), ids=FRAMES)
def test_comes(awaited: Awaited, frames: list[str | bytes], value: JsonValue):
    """Once all has come there is nothing more to wait for, and it can be taken apart."""
    for frame in frames:
        assert not awaited.over
        awaited.feed(frame, 0.1)
    assert awaited.over
    assert awaited.complete
    assert value == awaited.value


MISSING = {
    "nothing came": (Awaited([{"t": "a"}]), [], "silence", '{"t": "a"} was expected, not silence'),
    "something else": (
        Awaited([{"t": "a"}, "x"]),
        ["x", B, TICK],
        "silence",
        '{"t": "a"} was expected, not {"t": "b"} after 0.10 s, then "tick 7" after 0.20 s, then silence',
    ),
    "too much": (
        Awaited(["a"]),
        [*"bcdefgh"],
        "closed 1000",
        (
            '"a" was expected, not 2 frames more, then "d" after 0.20 s, then "e" after 0.30 s, then "f" after 0.40 s, '
            'then "g" after 0.50 s, then "h" after 0.60 s, then closed 1000'
        ),
    ),
    "not the next": (
        Awaited([{"t": "b"}], next=True),
        [A],
        "",
        '{"t": "b"} was expected next, not {"t": "a", "n": 1} after 0.00 s',
    ),
}


@pytest.mark.parametrize(("awaited", "frames", "end", "said"), MISSING.values(), ids=MISSING)
def test_is_missing(awaited: Awaited, frames: list[str], end: str, said: str):
    """What is missing is told together with what came instead, when, and why no more is waited for."""
    for at, frame in enumerate(frames):
        awaited.feed(frame, at / 10)
    assert not awaited.complete
    assert said == awaited.missing(end)
