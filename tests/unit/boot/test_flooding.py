"""Which frames are answers to what was said over a socket, and what they say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pytest_startup.boot.flooding import Answers
from pytest_startup.boot.walk import Values
from pytest_startup.contract.limiting import Limit, Spoken
from pytest_startup.contract.sockets import SocketClient

ECHO: dict[str, Any] = {"type": "said", "text": "{nonce}"}
ERROR: dict[str, Any] = {"type": "error"}


def answers(served: dict[str, Any], refused: dict[str, Any]) -> tuple[Answers, list[str]]:
    """Return what takes the answers to three frames, and their texts."""
    way = Spoken(SocketClient(path="/ws"), {"type": "say", "text": "{nonce}"}, served)
    limit = Limit(name="x", way=way, allowed=2, refused=refused)
    found = Answers(limit, way, Values({}, "http://127.0.0.1:1"))
    return found, [json.loads(found.next())["text"] for _ in range(3)]


def said(text: str) -> str:
    """Return the answer to a frame."""
    return json.dumps({"type": "said", "text": text, "at": 5})


def test_in_order():
    """Answers tell by their nonce which frame they are to; whatever else comes is passed over."""
    found, texts = answers(ECHO, ERROR)

    assert [True, False, False, False] == [
        found.take(said(texts[0])),
        found.take('{"type": "heartbeat"}'),
        found.take(b"\xff"),
        found.take('"text"'),
    ]
    assert (1, 0, 2, 0) == (len(found.served), found.refused, found.missing, found.disordered)
    assert [True, True] == [found.take('{"type": "error"}'), found.take(said(texts[1]))]
    assert ([0, 1], 1, 0) == (found.served, found.refused, found.missing)


def test_disorder():
    """One that comes before an earlier frame's is seen; the same answer twice is no second one."""
    found, texts = answers(ECHO, ERROR)
    taken = [found.take(said(texts[at])) for at in (1, 0, 1, 2)]

    assert ([True, True, False, True], [1, 0, 2], 1) == (taken, found.served, found.disordered)


def test_without_nonce():
    """Answers which do not say what they are to are counted, never more of them than there are frames."""
    found, _ = answers({"type": "pong"}, {})
    taken = [found.take('{"type": "pong"}') for _ in range(4)]

    assert ([True] * 3 + [False], [0, 1, 2], 0) == (taken, found.served, found.missing)


@pytest.mark.parametrize(
    ("served", "refused"),
    [({"type": "error", "code": "unknown"}, ERROR), (ERROR, {"type": "error", "code": "limited"})],
    ids=["served says more", "refused says more"],
)
def test_one_within_the_other(served: dict[str, Any], refused: dict[str, Any]):
    """Where one is a part of the other, that counts of which more is said."""
    found, _ = answers(served, refused)

    found.take('{"type": "error", "code": "unknown"}')
    found.take('{"type": "error", "code": "limited"}')
    assert (1, 1) == (len(found.served), found.refused)
