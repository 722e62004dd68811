"""Latency by percentiles: by traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.checks import latency
from pytest_startup.events.base import Event
from pytest_startup.events.connected import EXCHANGES, CompanyMissing, ExchangesTimed
from pytest_startup.events.used import CHAT, FIRST_USERS, USERS, TurnTaken

from .test_chat import CONTRACT
from .traces import TARGET, UP, URL, Said, said

CHAT_TOML = CONTRACT + "latency = { first_p50 = 0.5, first_p95 = 1.0, p50 = 2.0, p99 = 3.0 }\n"
ALIVE = "[websocket]\nalive = { say = { a = 1 }, receive = { b = 1 } }\n"
FRAMES = TARGET + CONTRACT + ALIVE + "latency = { p50 = 0.1, p95 = 0.2 }\n"


def turns(count: int, first: float, end: float, exercise: str = USERS, about: str = "") -> tuple[TurnTaken, ...]:
    """Return so many turns with the same times; without a first event, if that is 0."""
    return tuple(
        TurnTaken(
            at=5.0, exercise=exercise, user=number, asked=3.0, types=("a", "b"), times=(first, end) if first else (),
            run="", about=about, expected="", observed="", diverged=0.0 if first else end,
        )
        for number in range(count)
    )  # fmt: skip


QUICK = turns(19, 0.2, 1.0)

TURNS: dict[str, tuple[str, tuple[Event, ...], Said]] = {
    "quick": ("first_p95", (*QUICK, *turns(1, 0.3, 1.0)), []),
    "one of twenty is late": ("first_p95", (*QUICK, *turns(1, 9.0, 9.5)), []),
    "two of twenty are late": (
        "first_p95",
        (*turns(18, 0.2, 1.0), *turns(2, 1.5, 2.0)),
        ["first_p95 of 20 is 1.500 s (p50 0.200 s, the longest 1.500 s)"],
    ),
    "two of twenty have no event at all": (
        "first_p95",
        (*turns(18, 0.2, 1.0), *turns(2, 0.0, 5.0, about="a")),
        ["first_p95 of 20 is 5.000 s (p50 0.200 s, the longest 5.000 s)"],
    ),
    "two of twenty could not ask": (
        "first_p95",
        (*turns(18, 0.2, 1.0), *(replace(each, questioned=False) for each in turns(2, 0.0, 5.0, about="a"))),
        "only 18 first events were measured; first_p95 needs 20",
    ),
    "of the first users as well": ("first_p95", (*turns(10, 0.2, 1.0), *turns(10, 0.3, 1.0, FIRST_USERS)), []),
    "of one user alone": (
        "first_p50",
        turns(20, 0.2, 1.0, CHAT),
        "only 0 first events were measured; first_p50 needs 5",
    ),
    "too few": ("first_p95", turns(10, 0.2, 1.0), "only 10 first events were measured; first_p95 needs 20"),
    "ends": (
        "p50",
        (*turns(5, 0.2, 2.5), *turns(4, 0.2, 1.0)),
        ["p50 of 9 is 2.500 s (p50 2.500 s, the longest 2.500 s)"],
    ),
    "ends of whole turns alone": (
        "p50",
        (*turns(4, 0.2, 1.0), *turns(9, 0.2, 9.0, about="b")),
        "only 4 ends of turns were measured; p50 needs 5",
    ),
    "too few for p99": ("p99", turns(99, 0.2, 1.0), "only 99 ends of turns were measured; p99 needs 100"),
    "not declared": (
        "p95",
        QUICK,
        "the contract does not say how long turns may take by percentiles (chat.latency)",
    ),
}


@pytest.mark.parametrize(("name", "events", "expected"), TURNS.values(), ids=TURNS)
def test_of_turns(name: str, events: tuple[Event, ...], expected: Said):
    """So many of a hundred do not wait for longer than is allowed."""
    assert expected == said(latency.of_turns, (*UP, *events), TARGET + CHAT_TOML, name)


def test_of_turns_unable():
    """Where there is no crowd there is nothing to measure."""
    assert said(latency.of_turns, QUICK, TARGET + CHAT_TOML, "p50") == "the boot never became ready"
    assert said(latency.of_turns, UP, URL + CHAT_TOML, "p50") == "it is up already, and for others as well"


def timed(*seconds: float, problem: str = "") -> ExchangesTimed:
    """Return how long answers took."""
    return ExchangesTimed(at=6.0, wanted=50, seconds=seconds, problem=problem)


MISSING = CompanyMissing(at=3.0, exercise=EXCHANGES, name="", reason="nobody could log in")

EXCHANGED: dict[str, tuple[str, tuple[Event, ...], Said]] = {
    "quick": ("p95", (*UP, timed(*[0.01] * 19, 0.5)), []),
    "slow": (
        "p95",
        (*UP, timed(*[0.01] * 18, 0.4, 0.5)),
        ["p95 of 20 is 0.400 s (p50 0.010 s, the longest 0.500 s)"],
    ),
    "one without an answer": (
        "p50",
        (*UP, timed(0.01, problem="no answer within 2 s")),
        ["number 2 was not: no answer within 2 s"],
    ),
    "too few": ("p95", (*UP, timed(*[0.01] * 10)), "only 10 answers were measured; p95 needs 20"),
    "not declared": ("p99", UP, "the contract does not say how long answers may take (websocket.latency)"),
    "never ready": ("p95", (timed(0.01),), "the boot never became ready"),
    "nobody there": ("p95", (*UP, MISSING), "nobody could log in"),
    "no time": ("p95", UP, "there was no time left for it"),
}


@pytest.mark.parametrize(("name", "events", "expected"), EXCHANGED.values(), ids=EXCHANGED)
def test_of_frames(name: str, events: tuple[Event, ...], expected: Said):
    """So many of a hundred frames are answered within the time that is allowed."""
    assert expected == said(latency.of_frames, events, FRAMES, name)
