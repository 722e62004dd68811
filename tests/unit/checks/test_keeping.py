"""What is kept for who is away, and what is confirmed: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import keeping
from pytest_startup.events.base import Event
from pytest_startup.events.returning import RETURNING, BufferOverflowed, ReturnConfirmed, ReturnFailed
from pytest_startup.events.used import ExerciseBegan

from .test_chat import CONTRACT
from .traces import TARGET, UP, URL, Check, Said, said

BUFFER = """
[websocket.buffer]
put = "app.state.hub.send('{nonce}')"
put_high = "app.state.hub.send('{nonce}', high=True)"
size = 5
told = { type = "lost" }
"""
CONFIRM = """
[websocket.confirm]
put = "app.state.hub.send('{nonce}')"
say = { id = "{id}" }
"""
TOML = TARGET + CONTRACT + BUFFER + CONFIRM
OLDEST = TARGET + CONTRACT + BUFFER + 'keeps = "oldest"\n'
BEGUN = ExerciseBegan(at=3.0, name=RETURNING)
EIGHT = (1, 2, 3, 4, 5, 6, 7, 8)


def flooded(*came: int, **other: Any) -> BufferOverflowed:  # noqa: ANN401 - fields of an event
    """Return what came of eight messages of which one has priority."""
    values: dict[str, Any] = {"flooded": True, "put": EIGHT, "high": (2,), "refused": (), "told": 1} | other
    return BufferOverflowed(at=4.0, came=came, **values)


def spared(*came: int, **other: Any) -> BufferOverflowed:  # noqa: ANN401 - as above
    """Return what came of two messages to another user."""
    return flooded(*came, **{"flooded": False, "put": (1, 2), "high": (), "told": 0, **other})


BOUNDED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "the newest": ((flooded(2, 5, 6, 7, 8), spared(1, 2)), TOML, []),
    "priority first or not": ((flooded(5, 6, 7, 2, 8),), TOML, []),
    "the oldest": ((flooded(1, 2, 3, 4, 5),), OLDEST, []),
    "the oldest, undeclared": (
        (flooded(1, 2, 3, 4, 5),), TOML, ["message 6, 7, 8 did not come"]
    ),
    "priority dropped, which is another matter": ((flooded(4, 5, 6, 7, 8),), TOML, []),
    "all of them": ((flooded(*EIGHT),), TOML, ["8 came"]),
    "none at all": ((flooded(),), TOML, ["message 4, 5, 6, 7, 8 did not come"]),
    "one of the old ones": ((flooded(1, 2, 6, 7, 8),), TOML, ["message 5 did not come"]),
    "one which was refused": ((flooded(1, 2, 3, 4, put=(1, 2, 3)),), TOML, ["message 4 came"]),
    "one again": ((flooded(1, 2, 3, 3, put=(1, 2, 3)),), TOML, ["1 came again"]),
    "the other way round": ((flooded(2, 8, 7, 6, 5),), TOML, ["message 8, 7, 6, 5 came, in this order"]),
    "few were taken": ((flooded(1, 2, 3, put=(1, 2, 3), refused=("Full",)),), TOML, []),
    "none was taken": ((flooded(put=(), refused=("Full",)),), TOML, "no message could be put in: it raised Full"),
    "another loses one": ((flooded(2, 5, 6, 7, 8), spared(2)), TOML, ["message 2 came"]),
    "another loses all": ((flooded(2, 5, 6, 7, 8), spared()), TOML, ["none came"]),
}  # fmt: skip


@pytest.mark.parametrize(("events", "toml", "expected"), BOUNDED.values(), ids=BOUNDED)
def test_bounded(events: tuple[Event, ...], toml: str, expected: Said):
    """As many come as are kept, the right ones, in order."""
    assert expected == said(keeping.bounded, (*UP, *events), toml)


def test_at_least_once():
    """What may come again counts once."""
    toml = TOML + '[websocket.reconnect]\nreplay = "at-least-once"\n'
    assert [] == said(keeping.bounded, (*UP, flooded(2, 5, 6, 6, 7, 8, 8), spared(1, 2, 2)), toml)
    assert [] == said(keeping.again, (*UP, confirmed(1, 1, 1, 2)), toml)


def test_many_numbers():
    """Not more numbers are shown than somebody wants to read."""
    events = (*UP, flooded(put=tuple(range(1, 30)), high=()))
    toml = TOML.replace("size = 5", "size = 20")
    assert ["message 10, 11, 12, 13, 14, 15 and 14 more did not come"] == said(keeping.bounded, events, toml)


PREFERS: dict[str, tuple[BufferOverflowed, Said]] = {
    "all there": (flooded(2, 6, 7, 8, high=(2, 6)), []),
    "one dropped": (flooded(5, 6, 7, 8), ["message 2 did not come"]),
    "the other way round": (flooded(6, 2, 7, 8, high=(2, 6)), ["message 6, 2 came, in this order"]),
    "none taken": (flooded(high=()), "no message of high priority could be put in"),
}


@pytest.mark.parametrize(("event", "expected"), PREFERS.values(), ids=PREFERS)
def test_prefers(event: BufferOverflowed, expected: Said):
    """What has priority is there."""
    assert expected == said(keeping.prefers, (*UP, event), TOML)


TELLS: dict[str, tuple[tuple[Event, ...], Said]] = {
    "told": ((flooded(2, 5, 6, 7, 8), spared(1, 2)), []),
    "untold": ((flooded(2, 5, 6, 7, 8, told=0),), ["no frame says so"]),
    "another is told": ((flooded(2, 5, 6, 7, 8), spared(1, 2, told=1)), ["1 frames say so"]),
    "nothing lost": ((flooded(*EIGHT, told=0),), "nothing was lost"),
}


@pytest.mark.parametrize(("events", "expected"), TELLS.values(), ids=TELLS)
def test_tells(events: tuple[Event, ...], expected: Said):
    """Who lost something is told."""
    assert expected == said(keeping.tells, (*UP, *events), TOML)


def test_untold():
    """Where nothing is declared, nobody need be told."""
    toml = TARGET + CONTRACT + BUFFER.replace('told = { type = "lost" }', "")
    assert said(keeping.tells, (*UP, flooded(told=0)), toml).startswith("the contract does not say how")  # type: ignore[union-attr]


def confirmed(number: int, *came: int, **other: Any) -> ReturnConfirmed:  # noqa: ANN401 - as above
    """Return what came at a return, while two messages were open."""
    values: dict[str, Any] = {"user": "the first", "open": (1, 2), "confirmed": ()} | other
    return ReturnConfirmed(at=4.0, round=number, came=came, **values)


DONE = confirmed(2, 2, open=(2,), confirmed=(1,))
AGAIN: dict[str, tuple[tuple[Event, ...], Said]] = {
    "again each time": ((confirmed(0, 1, 2), confirmed(1, 1, 2), DONE), []),
    "not at first": ((confirmed(0, 1),), ["message 2 did not come"]),
    "not again": ((confirmed(0, 1, 2), confirmed(1)), ["message 1, 2 did not come"]),
    "twice": ((confirmed(0, 1, 2), confirmed(1, 1, 2, 2)), ["message 2 came 2 times"]),
    "the other way round": ((confirmed(1, 2, 1),), ["message 2, 1 came, in this order"]),
    "nothing open": ((confirmed(1, open=(), confirmed=(1,)),), "nobody came back in this boot"),
}


@pytest.mark.parametrize(("events", "expected"), AGAIN.values(), ids=AGAIN)
def test_again(events: tuple[Event, ...], expected: Said):
    """What is not confirmed comes once at each return."""
    assert expected == said(keeping.again, (*UP, *events), TOML)


NO_MORE: dict[str, tuple[tuple[Event, ...], Said]] = {
    "gone": ((confirmed(0, 1, 2), DONE), []),
    "again": ((confirmed(2, 1, 2, open=(2,), confirmed=(1,)),), ["message 1 came at the return number 2"]),
    "no id": (
        (confirmed(0, 1, 2),), "no message could be confirmed: none came with an id (websocket.confirm.id)"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("events", "expected"), NO_MORE.values(), ids=NO_MORE)
def test_no_more(events: tuple[Event, ...], expected: Said):
    """What is confirmed never comes again."""
    assert expected == said(keeping.no_more, (*UP, *events), TOML)


CHECKS = [
    *((check, "buffer", CONFIRM) for check in (keeping.bounded, keeping.prefers, keeping.tells)),
    *((check, "confirm", BUFFER) for check in (keeping.again, keeping.no_more)),
]


@pytest.mark.parametrize(("check", "part", "others"), CHECKS)
def test_not_tried(check: Check, part: str, others: str):
    """What was not tried is not judged, and it is said why."""
    failed = ReturnFailed(at=3.5, part=part, user="the first", problem="no socket: denied 403")
    assert said(check, UP, TARGET + CONTRACT + others) == f"the contract has no [websocket.{part}]"
    assert said(check, UP, URL + CONTRACT + BUFFER + CONFIRM) == "it is up already, and for others as well"
    assert said(check, (), TOML) == "the boot never became ready"
    assert said(check, UP, TOML) == "nobody came back in this boot"
    assert said(check, (*UP, BEGUN), TOML) == "there was no time left for it"
    assert said(check, (*UP, BEGUN, failed), TOML) == "the first: no socket: denied 403"
