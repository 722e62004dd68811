"""A language model that fails: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import models
from pytest_startup.events.base import Event
from pytest_startup.events.edge import ServiceSwitched
from pytest_startup.events.guarded import MODEL_WALKER, TURN, ModelUsed
from pytest_startup.events.process import Exited
from pytest_startup.events.used import JourneyStepped

from .traces import READY, TARGET, Said, probed, said

HEALTH = '[health]\nliveness = "/liveness"\nreadiness = "/readiness"\n'
BARE = TARGET + HEALTH + "[services.llm]\n"
FAILURE = BARE + "failure = { max_seconds = 5, max_requests = 3, retry_after = true }\n"
UNREADY = FAILURE.replace("retry_after = true", 'readiness = "not-ready"')
TOLERATED = FAILURE.replace("retry_after = true", 'readiness = "tolerated"')
BLIND = FAILURE.replace(HEALTH, "")


def used(when: str, *, works: bool, **other: Any) -> Event:  # noqa: ANN401 - fields of an event
    """Return one use of the model, as it should be unless told otherwise."""
    values: dict[str, Any] = {"at": 3.0, "way": "throttles", "what": "model.ask()", "observed": "raised X"}
    values |= {"seconds": 2.1, "requests": 3, "shortest": 1.01}
    return ModelUsed(service="llm", when=when, works=works, **{**values, **other})  # type: ignore[arg-type]


BEFORE = used("before", works=True, way="well", at=2.1)
FAILS = used("during", works=False)
CHATS = used("before", works=True, way="well", at=2.1, what=TURN)
FAILED = {"what": TURN, "observed": 'failed came: {"type": "failed"}'}
EVENT = FAILURE.replace("retry_after", 'event = "failed", retry_after')
ASKED = {"what": "POST /ask", "observed": "503"}
IS_TOLD: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "told": ((READY, BEFORE, FAILS), FAILURE, []),
    "made up": ((READY, BEFORE, used("during", works=True, observed="'hm'")), FAILURE, ["a success: 'hm'"]),
    "made up, and not even asked": (
        (READY, BEFORE, used("during", works=True, observed="'hm'", requests=0)),
        FAILURE,
        ["a success: 'hm'"],
    ),
    "late": ((READY, BEFORE, used("during", works=False, seconds=7.0)), FAILURE, ["raised X after 7.0 s"]),
    "a storm": ((READY, BEFORE, used("during", works=False, requests=9)), FAILURE, ["9 within 2.1 s"]),
    "impatient": ((READY, BEFORE, used("during", works=False, shortest=0.2)), FAILURE, ["0.20 s"]),
    "one request alone": ((READY, BEFORE, used("during", works=False, requests=1, shortest=-1.0)), FAILURE, []),
    "impatient, and that is fine": ((READY, BEFORE, used("during", works=False, shortest=0.2)), UNREADY, []),
    "by a request": (
        (READY, used("before", works=True, **ASKED), used("during", works=False, **ASKED)),
        FAILURE,
        [],
    ),
    "by a request that is the user's fault": (
        (READY, used("before", works=True, **ASKED), used("during", works=False, **{**ASKED, "observed": "400"})),
        FAILURE,
        ["400"],
    ),
    "by a turn": ((READY, CHATS, used("during", works=False, **FAILED)), EVENT, []),
    "by a turn that tells nothing": (
        (READY, CHATS, used("during", works=False, **{**FAILED, "observed": "nothing came within 3 s"})),
        EVENT,
        ["nothing came within 3 s"],
    ),
    "by a turn, however it is told": ((READY, CHATS, used("during", works=False, what=TURN)), FAILURE, []),
    "never worked": ((READY, used("before", works=False), FAILS), FAILURE, "it did not work before either"),
    "not asked": (
        (READY, BEFORE, used("during", works=False, requests=0)),
        FAILURE,
        "what uses the model failed without asking it",
    ),
    "not used": (
        (READY,),
        FAILURE,
        "nothing used the model in this boot: services.NAME.canary, failure.use and failure.journey say how",
    ),
    "not declared": ((READY, BEFORE, FAILS), BARE, "services.llm.failure is not declared"),
    "never ready": ((), FAILURE, "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), IS_TOLD.values(), ids=IS_TOLD)
def test_is_told(events: tuple[Event, ...], toml: str, expected: Said):
    """A failure of the model is a failure of whoever uses it: soon, and with few requests."""
    assert expected == said(models.is_told, events, toml, "llm:throttles")


GONE = ServiceSwitched(at=2.2, service="llm", to="throttles")
BACK = ServiceSwitched(at=4.0, service="llm", to="up")
FAILING = (READY, BEFORE, GONE, FAILS, BACK)
UNREADY_SAID = probed("readiness", "503", 3.1)
HEALTHY: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "not judged": ((*FAILING, UNREADY_SAID), FAILURE, []),
    "not ready": ((*FAILING, UNREADY_SAID), UNREADY, []),
    "unready since another failure": ((*FAILING, probed("readiness", "503", 2.15)), UNREADY, []),
    "goes on being ready": (FAILING, UNREADY, ["it says ready"]),
    "ready again too soon": ((*FAILING, UNREADY_SAID, probed("readiness", "200", 3.2)), UNREADY, ["it says ready"]),
    "tolerated": ((*FAILING, probed("readiness", "200", 3.1)), TOLERATED, []),
    "not tolerated": ((*FAILING, UNREADY_SAID), TOLERATED, ["it said 503"]),
    "what was asked before": ((*FAILING, probed("readiness", "503", 3.1, began=2.1)), TOLERATED, []),
    "liveness flips": ((*FAILING, probed("liveness", "500", 3.1)), FAILURE, ["it said 500"]),
    "it ends": ((*FAILING, Exited(at=3.0, code=1, asked=False)), FAILURE, ["it ended with code 1"]),
    "nothing to ask": (FAILING, BLIND, "the contract names no liveness, and not what readiness says meanwhile"),
    "it never failed": ((READY, BEFORE, FAILS), FAILURE, "services.llm.failure is not declared"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), HEALTHY.values(), ids=HEALTHY)
def test_keeps_health(events: tuple[Event, ...], toml: str, expected: Said):
    """Liveness stays, and readiness says what is declared."""
    assert expected == said(models.keeps_health, events, toml, "llm:throttles")


AGAIN = used("after", works=True, at=4.5)
NOT_YET, TURNS = used("after", works=False, at=4.2), used("after", works=True, at=4.6, what=TURN)
WAS_READY, STUCK = probed("readiness", "200", 2.0), (probed("readiness", "200", 2.0), probed("readiness", "503", 3.1))
NEXT = ServiceSwitched(at=5.0, service="llm", to="errs")


def stepped(at: float, answer: str = "200", problem: str = "") -> Event:
    """Return the step on the way to the model."""
    fields: dict[str, Any] = {"journey": "log-in", "walker": MODEL_WALKER, "step": 1, "steps": 1, "seconds": 0.1}
    return JourneyStepped(at=at, request="POST /log-in", answer=answer, problem=problem, **fields)


CHATTING = (*FAILING, CHATS, stepped(2.05))
OVER: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "works again": ((*FAILING, AGAIN), FAILURE, []),
    "never again": ((*FAILING, used("after", works=False, at=4.5)), FAILURE, ["raised X"]),
    "works again in the end": ((*FAILING, NOT_YET, AGAIN), FAILURE, []),
    "works for a moment": ((*FAILING, AGAIN, used("after", works=False, at=4.6)), FAILURE, ["raised X"]),
    "ready all along": ((*FAILING, WAS_READY, AGAIN), FAILURE, []),
    "ready again": ((*FAILING, *STUCK, probed("readiness", "200", 4.2), AGAIN), FAILURE, []),
    "ready by being used": ((*FAILING, *STUCK, AGAIN, probed("readiness", "200", 4.7)), FAILURE, []),
    "never ready again": ((*FAILING, *STUCK, AGAIN), FAILURE, ["it says 503"]),
    "unready since another failure": (
        (*FAILING, WAS_READY, probed("readiness", "503", 2.15), AGAIN),
        FAILURE,
        ["it says 503"],
    ),
    "unready by the next failure": ((*FAILING, WAS_READY, AGAIN, NEXT, probed("readiness", "503", 5.1)), FAILURE, []),
    "not used again": (FAILING, FAILURE, "it was not used again"),
    "not used again in every way": ((*CHATTING, AGAIN), FAILURE, "it was not used again"),
    "nobody comes as far": (
        (*CHATTING, AGAIN, stepped(4.4, "500", "200 was expected, not 500")),
        FAILURE,
        ["200 was expected, not 500"],
    ),
    "nobody came as far at first": ((*CHATTING, AGAIN, stepped(4.1, "500", "x"), stepped(4.4), TURNS), FAILURE, []),
    "nobody ever came as far": (
        (*FAILING, stepped(2.05, "500", "x"), AGAIN, stepped(4.4, "500", "x")),
        FAILURE,
        [],
    ),
    "too many of us": (
        (*CHATTING, AGAIN, stepped(4.4, "429", "200 was expected, not 429")),
        FAILURE,
        "who would have used it again was turned away: POST /log-in: 200 was expected, not 429",
    ),
    "never back": ((READY, BEFORE, GONE, FAILS, *STUCK), FAILURE, "it was not used again"),
    "it ended": (
        (*FAILING, *STUCK, Exited(at=4.3, code=1, asked=False)),
        FAILURE,
        "the process had ended by then, with code 1",
    ),
    "it ended later": ((*FAILING, AGAIN, NEXT, Exited(at=5.3, code=1, asked=False)), FAILURE, []),
}


@pytest.mark.parametrize(("events", "toml", "expected"), OVER.values(), ids=OVER)
def test_is_over(events: tuple[Event, ...], toml: str, expected: Said):
    """Once the model is back, so is what uses it."""
    assert expected == said(models.is_over, events, toml, "llm:throttles")
