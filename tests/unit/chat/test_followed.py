"""A turn of which every frame is kept."""

from __future__ import annotations

import json

from pytest_startup.chat.followed import Followed, is_ignored
from pytest_startup.contract.chat import Chat, ChatSocket, ExpectedEvent, Question

CHAT = Chat(
    journey="log-in",
    socket=ChatSocket(path="/ws"),
    question=Question(({"text": "{nonce}"},)),
    events=(ExpectedEvent(type="began"), ExpectedEvent(type="ended")),
    ignored=("beat*", "e*"),
)


def test_frames():
    """What is ignored is kept and does not count; what is wrong is marked, and what comes after it is kept as well."""
    turn = Followed(CHAT, "ask0")
    turn.asked()
    for number, kind in enumerate(["began", "beat 1", "odd", "ended"]):
        turn.feed(json.dumps({"type": kind}), number / 10)
    assert [
        ("began", 0.0, True, False),
        ("beat 1", 0.1, False, False),
        ("odd", 0.2, True, True),
        ("ended", 0.3, True, False),
    ] == [(each.type, each.at, each.counts, each.wrong) for each in turn.frames]
    assert {"type": "odd"} == turn.frames[2].frame


def test_ignored_types():
    """An event of the script is never ignored, whatever pattern it fits."""
    assert (True, False, False) == (is_ignored(CHAT, "beat"), is_ignored(CHAT, "ended"), is_ignored(CHAT, "odd"))
