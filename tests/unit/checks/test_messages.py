"""Limits of what is said over sockets: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import messages
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import Flooded, LimitReached, NotTried
from pytest_startup.events.used import ExerciseBegan

from .traces import READY, TARGET, Said, said

USERS = """
[[journeys]]
name = "log-in"
steps = [{ post = "/login" }]
[[limits]]
name = "free"
journey = "log-in"
socket = "/ws"
say = { type = "say", text = "{nonce}" }
served = { type = "said", text = "{nonce}" }
allowed = 10
per = "user"
tier = "free"
of = "messages"
"""
FRAMES = USERS + 'refused = { type = "error" }\n'
CLOSES = USERS + "refused_close = [1008]\n"
ADDRESSES = FRAMES.replace('per = "user"', "")


def flooded(**other: Any) -> Flooded:  # noqa: ANN401 - fields of an event
    """Return what came of saying too much; all is well unless told otherwise."""
    values: dict[str, Any] = {
        "limit": "free",
        "attempt": 1,
        "seconds": 0.1,
        "within": 10,
        "sent": 15,
        "served": 10,
        "refused": 5,
        "disordered": 0,
        "ended": "",
        "second_seconds": 0.2,
        "second_sent": 6,
        "second_served": 0,
        "second_ended": "",
        "other": "served",
        "later": "",
    }
    return Flooded(at=3.0, **{**values, **other})


ALL = flooded(served=15, refused=0, second_served=5)
CLOSED = flooded(refused=0, ended="closed 1008", second_sent=0, second_ended="closed 1008")
UNTRIED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "the journey failed": (
        (READY, NotTried(at=2.5, sort="limit", name="free", reason="the journey log-in failed")),
        FRAMES,
        "the journey log-in failed",
    ),
    "no time": ((READY, ExerciseBegan(at=2.1, name="keeping out")), FRAMES, "there was no time left for it"),
    "another boot": ((READY,), FRAMES, "no limit was tried in this boot"),
    "never ready": ((), FRAMES, "the boot never became ready"),
}
HOLDS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "kept": ((READY, flooded()), FRAMES, []),
    "kept when tried again": ((READY, ALL, flooded(attempt=2)), FRAMES, []),
    "refilled by one meanwhile": ((READY, flooded(served=11, refused=4)), FRAMES, []),
    "too early": ((READY, flooded(served=7, refused=8)), FRAMES, ["of 15 frames 7 were served, 8 refused"]),
    "too late": (
        (READY, flooded(served=13, refused=2)),
        FRAMES,
        ["of 15 frames 13 were served, 2 refused, within 0.1 s"],
    ),
    "never": ((READY, ALL), FRAMES, ["none was: of 15 frames 15 were served, 0 refused, within 0.1 s"]),
    "dropped without a word": (
        (READY, flooded(refused=0)),
        FRAMES,
        ["none was: of 15 frames 10 were served, 0 refused, within 0.1 s"],
    ),
    "hung up instead": ((READY, flooded(ended="closed 1008")), FRAMES, ["closed 1008"]),
    "hung up as declared": ((READY, CLOSED), CLOSES, []),
    "hung up by another code": (
        (READY, flooded(refused=0, ended="closed 1011")),
        CLOSES,
        ["none was: of 15 frames 10 were served, 0 refused, closed 1011, within 0.1 s", "closed 1011"],
    ),
    "by connection": ((READY, flooded(second_served=5)), FRAMES, ["5 of 6 frames more were served there"]),
    "refilled for the second one": ((READY, flooded(second_served=1)), FRAMES, []),
    **UNTRIED,
}


@pytest.mark.parametrize(("events", "toml", "expected"), HOLDS.values(), ids=HOLDS)
def test_holds(events: tuple[Event, ...], toml: str, expected: Said):
    """What a user may say is served, the rest refused, on whichever socket."""
    assert expected == said(messages.holds, events, TARGET + toml, "free")


COUNTS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "served": ((READY, flooded()), FRAMES, []),
    "refused as well": ((READY, flooded(other="refused")), FRAMES, ["refused"]),
    "hung up on as well": (
        (READY, flooded(refused=0, ended="closed 1008", other="closed 1008")),
        CLOSES,
        ["closed 1008"],
    ),
    "not reached": ((READY, ALL), FRAMES, "the limit was not reached"),
    "not reached again": ((READY, flooded(), ALL), FRAMES, []),
    "refused before": ((READY, flooded(other="refused"), ALL), FRAMES, ["refused"]),
    "by address": (
        (READY, flooded()),
        ADDRESSES,
        "limits.free.per does not say that users count each for themselves",
    ),
    **UNTRIED,
}


@pytest.mark.parametrize(("events", "toml", "expected"), COUNTS.values(), ids=COUNTS)
def test_counts_each_user(events: tuple[Event, ...], toml: str, expected: Said):
    """One user beyond the limit is no matter of another's."""
    assert expected == said(messages.counts_each_user, events, TARGET + toml, "free")


BURST: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all answered": ((READY, flooded()), FRAMES, []),
    "served again": ((READY, flooded(later="served")), FRAMES, []),
    "refused for good": ((READY, flooded(later="refused")), FRAMES, ["refused"]),
    "lost": (
        (READY, flooded(served=8, refused=5)),
        FRAMES,
        ["2 of them never were: of 15 frames 8 were served, 5 refused"],
    ),
    "dropped without a word": (
        (READY, flooded(refused=0)),
        FRAMES,
        ["5 of them never were: of 15 frames 10 were served, 0 refused"],
    ),
    "in disorder": ((READY, flooded(disordered=3)), FRAMES, ["3 of 10 answers came before that to an earlier frame"]),
    "hung up on": ((READY, CLOSED), CLOSES, []),
    "hung up on too early": (
        (READY, flooded(served=4, refused=0, ended="closed 1008")),
        CLOSES,
        ["11 of them never were: of 15 frames 4 were served, 0 refused, closed 1008"],
    ),
    **UNTRIED,
}


@pytest.mark.parametrize(("events", "toml", "expected"), BURST.values(), ids=BURST)
def test_burst(events: tuple[Event, ...], toml: str, expected: Said):
    """Whatever is said in one moment is answered, in order."""
    assert expected == said(messages.burst, events, TARGET + toml, "free")


PRO = FRAMES.replace('name = "free"', 'name = "pro"').replace("allowed = 10", "allowed = 40")
PRO = PRO.replace('tier = "free"', 'tier = "pro"').partition("[[limits]]")[2]
TIERS = f"{FRAMES}[[limits]]{PRO}"
HTTP = (
    FRAMES
    + """
[[limits]]
name = "pro"
request = { get = "/", status = 204 }
allowed = 40
tier = "pro"
of = "messages"
"""
)
MORE = flooded(limit="pro", within=40, sent=45, served=40)


def reached(answers: dict[str, int]) -> Event:
    """Return what came of asking too often, by requests."""
    counted = {"seconds": 0.1, "within": 0, "early": 0, "beyond": 3, "sent": 43, "refused": 3, "dated": 0}
    return LimitReached(at=3.0, limit="pro", attempt=1, answers=answers, other="", **counted)  # type: ignore[arg-type]  # a table


TIER: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "the higher one": ((READY, flooded(), MORE), TIERS, "pro", []),
    "the lower one": ((READY, flooded(), MORE), TIERS, "free", []),
    "as the lower one": (
        (READY, flooded(), flooded(limit="pro", within=40, served=10)),
        TIERS,
        "pro",
        ["10 were", "10 to pro, 10 to free"],
    ),
    "the lower one as the higher": (
        (READY, flooded(served=40), MORE),
        TIERS,
        "pro",
        ["40 to pro, 40 to free"],
    ),
    "fewer than its own": (
        (READY, flooded(), flooded(limit="pro", within=40, served=20)),
        TIERS,
        "pro",
        ["20 were"],
    ),
    "by requests": ((READY, flooded(), reached({"204": 40, "429": 3})), HTTP, "pro", []),
    "by requests, as the lower one": (
        (READY, flooded(), reached({"204": 9, "429": 34})),
        HTTP,
        "pro",
        ["9 to pro, 10 to free"],
    ),
    "alone": ((READY, flooded()), FRAMES, "free", "no limit of another tier has of = messages, and another number"),
    "the other was not tried": ((READY, MORE), TIERS, "pro", "no limit of another tier was tried"),
    "not tried": ((READY, flooded()), TIERS, "pro", "no limit was tried in this boot"),
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), TIER.values(), ids=TIER)
def test_tier(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """A tier has its own number, and more than a lower one."""
    assert expected == said(messages.tier, events, TARGET + toml, subject)
