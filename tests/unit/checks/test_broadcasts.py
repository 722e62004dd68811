"""Broadcasts: by traces made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.checks import broadcasts
from pytest_startup.events.base import Event
from pytest_startup.events.connected import BROADCAST, BroadcastPut, BroadcastsHeard, CompanyMissing

from .traces import TARGET, UP, Check, Said, said

JOURNEYS = "".join(f'[[journeys]]\nname = "{name}"\nsteps = [{{ post = "/login" }}]\n' for name in ("free", "pro"))
TOML = (
    TARGET
    + JOURNEYS
    + """
[websocket]
journey = "free"
socket = "/ws"
[[websocket.broadcasts]]
name = "all"
put = "app.state.hub.send('{nonce}')"
journeys = ["free", "pro"]
[[websocket.broadcasts]]
name = "some"
put = "app.state.hub.send('{nonce}', 'pro')"
journeys = ["free", "pro"]
reaches = ["pro"]
"""
)
CHECKS = [broadcasts.reaches, broadcasts.spares, broadcasts.in_order, broadcasts.passes_stalled]


def put(count: int = 2, name: str = "all", part: Any = "series", **other: Any) -> tuple[Event, ...]:  # noqa: ANN401 - a word; fields of an event
    """Return the word that so many were put in."""
    fields: dict[str, Any] = {"raised": "", "returned": True} | other
    return tuple(
        BroadcastPut(at=3.0, broadcast=name, part=part, number=number + 1, **fields) for number in range(count)
    )


def heard(journey: str, *numbers: int, name: str = "all", part: Any = "series", **other: Any) -> BroadcastsHeard:  # noqa: ANN401 - as above
    """Return what came to a socket of a user of that sort, each after 0.1 s."""
    fields: dict[str, Any] = {"socket": f"a {journey} user", "seconds": (0.1,) * len(numbers), "ended": ""} | other
    return BroadcastsHeard(at=5.0, broadcast=name, part=part, journey=journey, numbers=numbers, **fields)


REACHES: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "everybody": ((*put(), heard("free", 1, 2), heard("pro", 1, 2)), "all", []),
    "everybody, in another order": ((*put(), heard("free", 2, 1), heard("pro", 1, 2)), "all", []),
    "not everybody": ((*put(), heard("free", 1), heard("pro", 1, 2)), "all", ["1 did not come"]),
    "not one that was closed": (
        (*put(), heard("free", 1, ended="closed 1011"), heard("pro", 1, 2)),
        "all",
        ["1 did not come; the socket was closed 1011"],
    ),
    "somebody twice": (
        (*put(), heard("free", 1, 1, 2), heard("pro", 1, 2)),
        "all",
        ["1 came more than once (2 times)"],
    ),
    "somebody late": (
        (*put(), heard("free", 1, 2, seconds=(0.1, 2.5)), heard("pro", 1, 2)),
        "all",
        ["1 came late, after 2.50 s"],
    ),
    "those whom it must": (
        (*put(name="some"), heard("free", name="some"), heard("pro", 1, 2, name="some")),
        "some",
        [],
    ),
    "not those whom it must": (
        (*put(name="some"), heard("free", 1, 2, name="some"), heard("pro", name="some")),
        "some",
        ["2 did not come"],
    ),
    "nobody, as it raised": (
        (*put(raised="KeyError: 'hub'"), heard("free"), heard("pro")),
        "all",
        ["raised KeyError: 'hub'"],
    ),
}


@pytest.mark.parametrize(("events", "name", "expected"), REACHES.values(), ids=REACHES)
def test_reaches(events: tuple[Event, ...], name: str, expected: Said):
    """Each socket of everybody who must get it gets each broadcast once, in time."""
    assert expected == said(broadcasts.reaches, (*UP, *events), TOML, name)


SPARES: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "all others": ((*put(name="some"), heard("free", name="some"), heard("pro", 1, 2, name="some")), "some", []),
    "not all others": (
        (*put(name="some"), heard("free", 2, name="some"), heard("pro", 1, 2, name="some")),
        "some",
        ["1 came to a free user"],
    ),
    "there are no others": (
        (*put(), heard("free", 1, 2)),
        "all",
        "it is for everybody who is connected (reaches, and further journeys, say for whom it is not)",
    ),
}


@pytest.mark.parametrize(("events", "name", "expected"), SPARES.values(), ids=SPARES)
def test_spares(events: tuple[Event, ...], name: str, expected: Said):
    """Nobody else gets a broadcast."""
    assert expected == said(broadcasts.spares, (*UP, *events), TOML, name)


IN_ORDER: dict[str, tuple[tuple[Event, ...], Said]] = {
    "kept": ((*put(3), heard("free", 1, 2, 3), heard("pro", 1, 2, 3)), []),
    "kept where one is missing, and one comes twice": ((*put(3), heard("free", 1, 3), heard("pro", 1, 2, 1, 3)), []),
    "not kept": ((*put(3), heard("free", 1, 2, 3), heard("pro", 2, 1, 3)), ["in the order 2, 1, 3"]),
    "not kept by anybody": ((*put(2), heard("free", 2, 1), heard("pro", 2, 1)), ["in the order 2, 1"]),
    "nothing to keep": ((*put(2), heard("free", 1), heard("pro")), "no two broadcasts came to any socket"),
    "a call goes on": (
        (*put(2, returned=False), heard("free", 2, 1)),
        "a call had not returned when the next one began, so that there is no order to keep",
    ),
}


@pytest.mark.parametrize(("events", "expected"), IN_ORDER.values(), ids=IN_ORDER)
def test_in_order(events: tuple[Event, ...], expected: Said):
    """All sockets get them in the order in which they were sent."""
    assert expected == said(broadcasts.in_order, (*UP, *events), TOML, "all")


SERIES = (*put(), heard("free", 1, 2), heard("pro", 1, 2))

STALLED: dict[str, tuple[tuple[Event, ...], Said]] = {
    "nobody is held up": (
        (
            *SERIES,
            *put(3, part="stalled"),
            heard("free", 1, 2, 3, part="stalled"),
            heard("pro", 1, 2, 3, part="stalled"),
        ),
        [],
    ),
    "all are held up": (
        (*SERIES, *put(3, part="stalled"), heard("free", 1, 2, part="stalled"), heard("pro", 1, 2, part="stalled")),
        ["number 3 of long ones did not, at 2 sockets"],
    ),
    "one is held up for a while": (
        (
            *SERIES,
            *put(2, part="stalled"),
            heard("free", 1, 2, part="stalled", seconds=(0.1, 4.9)),
            heard("pro", 1, 2, part="stalled"),
        ),
        ["number 2 of long ones did not, at 1 sockets"],
    ),
    "who got nothing before is no matter of this": (
        (
            *put(),
            heard("free"),
            heard("pro", 1, 2),
            *put(1, part="stalled"),
            heard("free", part="stalled"),
            heard("pro", 1, part="stalled"),
        ),
        [],
    ),
    "nobody got anything before": (
        (*put(), heard("free"), *put(1, part="stalled"), heard("free", part="stalled")),
        "it reached nobody before",
    ),
}


@pytest.mark.parametrize(("events", "expected"), STALLED.values(), ids=STALLED)
def test_passes_stalled(events: tuple[Event, ...], expected: Said):
    """Who does not read holds up nobody else."""
    assert expected == said(broadcasts.passes_stalled, (*UP, *events), TOML, "all")


UNABLE: dict[str, tuple[tuple[Event, ...], str, str]] = {
    "nothing declared": (UP, TARGET, "the contract declares no such broadcast (websocket.broadcasts)"),
    "never ready": (SERIES, TOML, "the boot never became ready"),
    "no time": (UP, TOML, "there was no time left for it"),
    "nobody there": (
        (*UP, CompanyMissing(at=3.0, exercise=BROADCAST, name="all", reason="nobody could connect")),
        TOML,
        "nobody could connect",
    ),
    "nobody there for another one": (
        (*UP, CompanyMissing(at=3.0, exercise=BROADCAST, name="some", reason="nobody could connect")),
        TOML,
        "there was no time left for it",
    ),
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(("events", "toml", "expected"), UNABLE.values(), ids=UNABLE)
def test_unable(check: Check, events: tuple[Event, ...], toml: str, expected: str):
    """What cannot be judged is not passed."""
    assert expected == said(check, events, toml, "all")
