"""Recovering from an outage: by traces made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from pytest_startup.checks import recovery
from pytest_startup.events.base import Event
from pytest_startup.events.edge import PoolUsed, ServiceSwitched
from pytest_startup.events.process import FaultFelt, FaultPlanned
from pytest_startup.events.used import (
    AFTERWARDS,
    CHAT,
    FIRST_WALKER,
    OUTAGE,
    AskedThroughout,
    DeliveryTried,
    ExerciseBegan,
    ExerciseEnded,
    JourneyStepped,
    TurnTaken,
)

from .traces import CRASHED, READY, TARGET, Said, probed, said

CONTRACT = (
    TARGET
    + """
[health.readiness]
path = "/ready"
follows_within = 2.0
[traffic]
requests = ["/a"]
[services.redis]
pool = { size = 1, most = 2 }
outcome = { dies = "not-ready", returns = "tolerated", stalls = "not-ready" }
[[journeys]]
name = "log-in"
steps = [{ get = "/me" }]
"""
)
TOLERATED = CONTRACT.replace("not-ready", "tolerated")
BLIND = CONTRACT.replace('path = "/ready"', "").replace("[health.readiness]\n\nfollows_within = 2.0", "")


def outage(kind: str = "returns") -> tuple[Event, ...]:
    """Return an outage from 3 to 5 s, in a boot which was ready."""
    return (
        FaultPlanned(at=0.0, fault=kind, subject="redis", seconds=0.0),
        READY,
        ServiceSwitched(at=3.0, service="redis", to=kind),
        FaultFelt(at=3.0, fault=kind, subject="redis"),
        ServiceSwitched(at=5.0, service="redis", to="up"),
    )


OUT, HUNG = outage(), outage("stalls")
UNFELT = (*OUT[:3], OUT[4])
FOLLOWED = (probed("readiness", "503", 4.0), probed("readiness", "200", 6.0))

UNREADY, PLAIN = "the boot never became ready", "the service was not in trouble while the application was up"
NEVER_MET = "the application never met the fault: it did not use redis meanwhile"
NOT_SO = "readiness does not depend on redis: the contract says tolerated"

FOLLOWS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "in time": ((*OUT, *FOLLOWED), CONTRACT, []),
    "in a stall": ((*HUNG, *FOLLOWED), CONTRACT, []),
    "a little late": ((*OUT, FOLLOWED[0], probed("readiness", "200", 7.4)), CONTRACT, []),
    "hanging is no ready": ((*OUT, probed("readiness", "timeout", 5.0), FOLLOWED[1]), CONTRACT, []),
    "late when it was back": ((*OUT, FOLLOWED[0], probed("readiness", "200", 8.0)), CONTRACT, ["it did after 3.0 s"]),
    "never back": ((*OUT, FOLLOWED[0]), CONTRACT, ["it did not; its answer did not change"]),
    "otherwise unready": (
        (*OUT, FOLLOWED[0], probed("readiness", "500", 6.0)),
        CONTRACT,
        ["it did not; the last answer was 500"],
    ),
    "never said": ((*OUT, probed("readiness", "200", 6.0)), CONTRACT, ["it did not; its answer did not change"]),
    "ready all along": ((*OUT, probed("readiness", "200", 1.9)), CONTRACT, ["it did not; its answer did not change"]),
    "tolerated": ((*OUT, *FOLLOWED), TOLERATED, NOT_SO),
    "a stall that is tolerated": ((*HUNG, *FOLLOWED), TOLERATED, NOT_SO),
    "no readiness": ((*OUT, *FOLLOWED), BLIND, "the contract names no such health endpoint"),
    "never ready": ((OUT[0],), CONTRACT, UNREADY),
    "no outage": ((READY, *FOLLOWED), CONTRACT, PLAIN),
    "never felt": ((*UNFELT, *FOLLOWED), CONTRACT, NEVER_MET),
    "ended": ((*OUT, replace(CRASHED, at=4.0)), CONTRACT, "the process had ended by then, with code 139"),
}


def test_late_by_the_outage_itself():
    """How late readiness was is counted from the outage."""
    events = (*OUT[:4], probed("readiness", "503", 8.0), ServiceSwitched(at=9.0, service="redis", to="up"))
    expected = ["it did after 5.0 s"]
    assert expected == said(recovery.follows_in_time, (*events, probed("readiness", "200", 9.5)), CONTRACT, "redis")


def asked(answer: str, count: int = 1, longest: float = 0.1) -> AskedThroughout:
    """Return how often users got an answer."""
    return AskedThroughout(at=4.0, service="redis", path="/a", answer=answer, count=count, longest=longest, limit=10.0)


def stepped(problem: str = "", at: float = 7.0, walker: str = "a user", steps: int = 1) -> JourneyStepped:
    """Return the first step of a journey."""
    fields: dict[str, Any] = {"journey": "log-in", "step": 1, "steps": steps, "request": "GET /me", "answer": "200"}
    return JourneyStepped(at=at, walker=walker, seconds=0.1, problem=problem, **fields)


ENDS: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all of them": ((*OUT, asked("200", 30), asked("503", 20), asked("reset")), CONTRACT, []),
    "not all": ((*OUT, asked("200", 3), asked("timeout", 2)), CONTRACT, ["2 of 5 had not ended by then"]),
    "nobody asked": ((*OUT,), CONTRACT, "nobody asked in this boot"),
    "nothing to ask for": (
        (*OUT,),
        TARGET + "[services.redis]",
        "the contract names no path to ask for (traffic.requests)",
    ),
    "no time": ((*OUT, ExerciseBegan(at=2.5, name=OUTAGE)), CONTRACT, "there was no time for any request"),
    "nobody could ask": (
        (*OUT, stepped("x", 2.5, FIRST_WALKER)),
        CONTRACT,
        "the journey of whoever asks failed: GET /me: x",
    ),
    "never ready": ((OUT[0],), CONTRACT, UNREADY),
    "never felt": ((*UNFELT, asked("200")), CONTRACT, NEVER_MET),
}  # fmt: skip


def pool(worked: int, used: int = 2, at: float = 6.0) -> PoolUsed:
    """Return what came of two uses at once."""
    observed = "raised TimeoutError"
    return PoolUsed(at=at, service="redis", asked=2, worked=worked, open=used, observed=observed)


POOL: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "whole": ((*OUT, pool(2)), CONTRACT, []),
    "whole at the second try": ((*OUT, pool(1), pool(2, at=6.2)), CONTRACT, []),
    "half": ((*OUT, pool(1)), CONTRACT, ["1 of them did; one that did not raised TimeoutError"]),
    "with others beside them": ((*OUT, pool(2, 5)), CONTRACT, []),
    "before": (
        (*OUT, pool(2, at=2.5)),
        CONTRACT,
        "it was not used: that takes a canary, and a look from inside",
    ),
    "not declared": (
        (*OUT, pool(2)),
        TARGET + "[services.redis]",
        "the contract declares no pool for it (services.redis.pool)",
    ),
    "never felt": ((*UNFELT, pool(2)), CONTRACT, NEVER_MET),
}  # fmt: skip

LATER = (ExerciseBegan(at=6.5, name=AFTERWARDS), ExerciseEnded(at=9.0, name=AFTERWARDS))


def delivered(arrived: int = 1, strayed: int = 0, problem: str = "", user: str = "the first") -> DeliveryTried:
    """Return what became of an event."""
    fields: dict[str, Any] = {"seconds": 0.1, "returned": True, "user": user, "problem": problem}
    return DeliveryTried(at=8.0, delivery="events", arrived=arrived, strayed=strayed, **fields)


CHATTING = (
    CONTRACT
    + """
[chat]
journey = "log-in"
socket = "/ws"
ask = { text = "{nonce}" }
events = ["answer"]
"""
)


def turned(about: str = "", at: float = 8.5, exercise: str = CHAT) -> TurnTaken:
    """Return a turn of the chat; `about` says where it left its script."""
    fields: dict[str, Any] = {"types": (), "times": (), "run": "", "expected": "", "diverged": 0.0, "user": 1}
    observed = "nothing came within 3 s" if about else ""
    return TurnTaken(at=at, exercise=exercise, asked=at - 0.5, about=about, observed=observed, **fields)


AGAIN: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all": ((*OUT, *LATER, stepped(), delivered()), CONTRACT, []),
    "a step": ((*OUT, *LATER, stepped("x")), CONTRACT, ["journey log-in, GET /me: x"]),
    "before": ((*OUT, *LATER, stepped("x", 2.5), stepped()), CONTRACT, []),
    "at the second time": (
        (*OUT, *LATER, stepped("x"), ExerciseBegan(at=9.5, name=AFTERWARDS), stepped(at=9.6)),
        CONTRACT,
        [],
    ),
    "never came": (
        (*OUT, *LATER, delivered(0)),
        CONTRACT,
        ["delivery events: an event for the first user never came"],
    ),
    "came with an error": (
        (*OUT, *LATER, delivered(0, problem="it raised x")),
        CONTRACT,
        ["delivery events: an event for the first user never came: it raised x"],
    ),
    "twice": ((*OUT, *LATER, delivered(2)), CONTRACT, ["delivery events: an event for the first user came 2 times"]),
    "strayed": (
        (*OUT, *LATER, delivered(1, 1)),
        CONTRACT,
        ["delivery events: an event for the first user came to the other one"],
    ),
    "nobody to deliver to": (
        (*OUT, *LATER, delivered(0, problem="no journey", user="")),
        CONTRACT,
        ["delivery events: no journey"],
    ),
    "no time": ((*OUT, *LATER), CONTRACT, "there was no time left for it"),
    "a turn": ((*OUT, *LATER, stepped(), turned()), CHATTING, []),
    "a turn that fails": (
        (*OUT, *LATER, stepped(), turned("answer")),
        CHATTING,
        ["a turn of the chat: nothing came within 3 s"],
    ),
    "a turn at the second time": (
        (*OUT, *LATER, turned("answer"), ExerciseBegan(at=9.5, name=AFTERWARDS), stepped(at=9.6), turned(at=9.7)),
        CHATTING,
        [],
    ),
    "no time for a turn": ((*OUT, *LATER, stepped()), CHATTING, "there was no time left for a turn of the chat"),
    "cut short": (
        (*OUT, *LATER, stepped(), stepped(at=7.5, steps=2)),
        CONTRACT,
        "there was no time left for all of the journey log-in",
    ),
    "cut short, after something wrong": (
        (*OUT, *LATER, stepped("x"), stepped(at=7.5, steps=2)),
        CONTRACT,
        ["journey log-in, GET /me: x"],
    ),
    "cut short by a failure": ((*OUT, *LATER, stepped("x", steps=2)), CONTRACT, ["journey log-in, GET /me: x"]),
    "to the end": (
        (*OUT, *LATER, stepped(steps=2), replace(stepped(at=7.5, steps=2), step=2), delivered()),
        CONTRACT,
        [],
    ),
    "nothing declared": (
        (*OUT, *LATER),
        TARGET + "[services.redis]",
        "the contract declares neither journeys nor deliveries",
    ),
    "never felt": ((*UNFELT, *LATER, stepped("x")), CONTRACT, NEVER_MET),
}

ALL = [
    pytest.param(check, *row, id=f"{check.__name__}: {name}")
    for check, table in (
        (recovery.follows_in_time, FOLLOWS),
        (recovery.ends_all_requests, ENDS),
        (recovery.pool_recovers, POOL),
        (recovery.works_again, AGAIN),
    )
    for name, row in table.items()
]


@pytest.mark.parametrize(("check", "events", "toml", "expected"), ALL)
def test_recovery(check: Callable[..., Any], events: tuple[Event, ...], toml: str, expected: Said):
    """Whatever does not recover is found, and what cannot be told is not judged."""
    assert expected == said(check, events, toml, "redis")
