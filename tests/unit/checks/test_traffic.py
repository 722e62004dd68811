"""Traffic: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import traffic
from pytest_startup.events.base import Event
from pytest_startup.events.inside import PortBound
from pytest_startup.events.used import ExerciseBegan, JourneyStepped, Offered, Requested

from .traces import AGENT, READY, TARGET, UP, Said, entered, phase, said

PHASES = """
[[phases]]
name = "database"
callable = "app:database"
[[phases]]
name = "cache"
callable = "app:cache"
"""
TOML = TARGET + PHASES + '[traffic]\nrequests = ["/a"]\nsockets = ["/ws"]\n'
LENIENT = TOML + "refused_status = [425]\nrefused_close = [4000]\n"
TOOK = (*phase("database", 0.2, 0.6), *phase("cache", 0.7, 1.2))
EARLY = (AGENT, PortBound(at=0.1, host="127.0.0.1", port=8000), READY, *TOOK)
"""A startup in the background: the port is open from the beginning."""

LATE = (*UP, *TOOK)
NOT_OFFERED = "nothing could be offered in this phase: it passed too quickly, or held up the event loop"


def request(answer: str, at: float = 0.4, **other: Any) -> Offered:  # noqa: ANN401 - fields of an event
    """Return a request that was offered through ASGI, and took 10 ms."""
    values: dict[str, Any] = {"vantage": "inside", "began": at - 0.01, "what": "request", "path": "/a"} | other
    return Offered(answer=answer, at=at, **values)


def socket(answer: str, at: float = 0.4, **other: Any) -> Offered:  # noqa: ANN401 - fields of an event
    """Return the same of a socket."""
    return request(answer, at, **{"what": "socket", "path": "/ws"} | other)


def outside(answer: str, at: float = 0.4) -> Offered:
    """Return the same from outside."""
    return request(answer, at, vantage="outside")


DURING: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "refused": ((*EARLY, request("503"), socket("denied 1013")), TOML, []),
    "refused in another way": ((*EARLY, request("425"), socket("closed 4000")), LENIENT, []),
    "served": ((*EARLY, request("200")), TOML, ["it was served: 200, offered from inside"]),
    "redirected": ((*EARLY, request("307")), TOML, ["it was served: 307, offered from inside"]),
    "crashed": ((*EARLY, request("500")), TOML, ["it crashed: 500, offered from inside"]),
    "raised": (
        (*EARLY, request("error: AttributeError: cache")),
        TOML,
        ["it crashed: AttributeError: cache, offered from inside"],
    ),
    "never answered": (
        (*EARLY, request("timeout")),
        TOML,
        ["it was accepted and never answered, offered from inside"],
    ),
    "reset": ((*EARLY, outside("reset")), TOML, ["it was accepted and dropped: reset, offered from outside"]),
    "another status than declared": ((*EARLY, request("503")), LENIENT, ["it crashed: 503, offered from inside"]),
    "asks who we are": ((*EARLY, request("401")), TOML, "/a answered 401: neither refused nor certainly let in"),
    "asks who we are, and refuses": ((*EARLY, request("401"), request("503", 0.5)), TOML, []),
    "an upgrade is denied by status": ((*EARLY, socket("denied 403")), TOML, []),
    "an upgrade is kept": ((*EARLY, socket("kept")), TOML, ["it was accepted, and kept, offered from inside"]),
    "an upgrade is dropped": (
        (*EARLY, socket("closed 1011")),
        TOML,
        ["it was accepted and dropped, with 1011, offered from inside"],
    ),
    "accepted to be told to come back": ((*EARLY, socket("closed 1013")), TOML, []),
    "told once for each sort": (
        (*EARLY, request("200"), request("500", 0.5), socket("kept")),
        TOML,
        ["it was served: 200, offered from inside", "it was accepted, and kept, offered from inside"],
    ),
    "served from outside": ((*EARLY, outside("200")), TOML, ["it was served: 200, offered from outside"]),
    "nobody listens": (LATE, TOML, []),
    "nobody listens, but it would be served": (
        (*LATE, request("200")),
        TOML,
        ["it was served: 200, offered from inside"],
    ),
    "nobody listens, seen from outside": ((READY, *TOOK, outside("refused", 0.1)), TOML, []),
    "somebody listens by then": ((READY, *TOOK, outside("refused", 0.1), outside("401", 0.8)), TOML, "/a answered 401"),
    "in the phase before": ((*EARLY, request("200", 0.4)), TOML, NOT_OFFERED),
    "overtaken by the end of the phase": ((*EARLY, request("200", 0.62, began=0.55)), TOML, NOT_OFFERED),
    "after the last phase": ((*EARLY, request("200", 1.3)), TOML, NOT_OFFERED),
    "the phase never ended": (
        (*UP, *phase("cache", 0.7, 1.2), entered("database", 0.2)),
        TOML,
        "the phase never ended",
    ),
    "never ready": ((AGENT, *TOOK, request("200")), TOML, "the boot never became ready"),
    "from outside, without phases": (
        (READY, outside("200")),
        TOML,
        "the application was watched from outside, where its phases cannot be seen",
    ),
    "no traffic": ((*EARLY, request("200")), TARGET + PHASES, "the contract declares no traffic"),
}
IN_CACHE = {"in the phase before", "after the last phase", "somebody listens by then"}


@pytest.mark.parametrize("name", DURING)
def test_refused_during(name: str):
    """Whatever is offered while a phase has still to end is refused; what proves nothing is no proof."""
    events, toml, expected = DURING[name]
    observed = said(traffic.refused_during, events, toml, "cache" if name in IN_CACHE else "database")
    if isinstance(expected, str) and isinstance(observed, str):
        assert observed.startswith(expected)
    else:
        assert expected == observed


def requested(answer: str, count: int = 50, first: int = 1, path: str = "/a") -> Requested:
    """Return how often a request was answered so."""
    return Requested(at=3.0, path=path, answer=answer, count=count, first=first)


BEGUN = (READY, ExerciseBegan(at=2.1, name="first requests"))


def walked(problem: str) -> JourneyStepped:
    """Return a step of whoever makes them."""
    fields: dict[str, Any] = {"step": 1, "steps": 1, "request": "POST /login", "answer": "500", "seconds": 0.1}
    who = "whoever makes the first requests"
    return JourneyStepped(at=2.2, journey="log-in", walker=who, problem=problem, **fields)


FIRST: dict[str, tuple[tuple[Event, ...], Said]] = {
    "answered": ((*BEGUN, walked(""), requested("200"), requested("401"), requested("429")), []),
    "fewer than declared": ((*BEGUN, requested("200", 99)), "there was time for 99 of the first 100 requests only"),
    "fewer than declared, and one fails": (
        (*BEGUN, requested("200", 7), requested("timeout", 1, 8)),
        ["timeout, 1 of 8 times, the first time as request 8"],
    ),
    "nobody makes them": (
        (*BEGUN, walked("not 500")),
        "the journey of whoever makes the first requests failed: POST /login: not 500",
    ),
    "one fails": (
        (*BEGUN, requested("200", 99), requested("500", 1, 60)),
        ["500, 1 of 100 times, the first time as request 60"],
    ),
    "silence": (
        (*BEGUN, requested("200", 99), requested("reset", 1, 7)),
        ["reset, 1 of 100 times, the first time as request 7"],
    ),
    "not there for some": ((*BEGUN, requested("404", 99), requested("200", 1)), []),
    "nothing at one of two paths": (
        (*BEGUN, requested("200"), requested("404", path="/b")),
        "/b of traffic.requests answered 404 each time: there is nothing",
    ),
    "nothing at one of two paths, and the other fails": (
        (*BEGUN, requested("503"), requested("404", path="/b")),
        ["503, 50 of 100 times, the first time as request 1"],
    ),
    "nothing at a path that is not declared": ((*BEGUN, requested("200"), requested("404", path="/health")), []),
    "none were made": (
        (READY,),
        "the contract names no path for the first requests: neither traffic.requests nor health",
    ),
    "no time for any": (BEGUN, "there was time for 0 of the first 100 requests only"),
    "never ready": ((requested("500"),), "the boot never became ready"),
}


@pytest.mark.parametrize(("events", "expected"), FIRST.values(), ids=FIRST)
def test_first_requests(events: tuple[Event, ...], expected: Said):
    """None of the first requests fails."""
    assert expected == said(traffic.first_requests, events, TOML.replace('["/a"]', '["/a", "/b"]'))
