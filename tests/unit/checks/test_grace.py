"""Grace periods: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import grace
from pytest_startup.events.base import Event
from pytest_startup.events.inside import CallSkipped, GraceLookedAt, TimeMoved, TimeUnmovable
from pytest_startup.events.process import NeverReady

from .traces import AGENT, PORT, STOP, TARGET, Said, line, said

BEGUN = (AGENT, PORT, CallSkipped(at=1.0, callable="app:register", problem=""))
PHASE = '[[phases]]\nname = "last"\ncallable = "app:last"\n'
GRACE = """
[[grace]]
name = "handlers"
seconds = 10
status = "app.status"
during = "waiting"
after = "warning"
"""
WITHOUT = 'without = "app:register"\n'
LOG = 'log = "ZERO"\n'
LOOK = 'look = "app.look()"\n'
SINCE = 'since = "last"\n'
MOVED = (TimeMoved(at=2.2, seconds=9.0), TimeMoved(at=2.4, seconds=1.0))


def look(at: float, least: float, status: str | float | bool | None, most: float = 0.0, problem: str = "") -> Event:  # noqa: FBT001
    """Return what was seen; it had lasted exactly `least` seconds, unless told otherwise."""
    return GraceLookedAt(
        at=at,
        grace="handlers",
        elapsed_least=least,
        elapsed_most=most or least,
        status=status,
        problem=problem,
    )


GOOD = (look(2.1, 0.2, "waiting"), look(2.3, 9.5, "waiting"), look(2.5, 10.5, "warning"))
KEPT: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "kept": ((*BEGUN, *MOVED, *GOOD), WITHOUT, []),
    "by nothing that is missing": ((AGENT, *MOVED, *GOOD), "", []),
    "never ends": (
        (*BEGUN, *GOOD[:2], look(2.5, 10.5, "waiting", 10.8)),
        WITHOUT + SINCE,
        ["'waiting' 10.5 to 10.8 s after last"],
    ),
    "ends at once": (
        (*BEGUN, look(2.1, 0.2, "warning"), look(2.3, 9.5, "warning"), GOOD[2]),
        WITHOUT,
        ["'warning' 0.2 s after the start"],
    ),
    "ends too soon": (
        (*BEGUN, GOOD[0], look(2.3, 9.5, "warning"), GOOD[2]),
        WITHOUT,
        ["'warning' 9.5 s after the start"],
    ),
    "neither": (
        (*BEGUN, *(look(at, least, None) for at, least in ((2.1, 0.2), (2.5, 10.5)))),
        WITHOUT,
        ["None 0.2 s after the start", "None 10.5 s after the start"],
    ),
    "not certain in between": (
        (*BEGUN, GOOD[0], look(2.4, 9.9, "warning", most=10.1), GOOD[2]),
        WITHOUT,
        [],
    ),
    "never certainly within": (
        (*BEGUN, look(2.4, 9.9, "waiting", most=10.1), GOOD[2]),
        WITHOUT,
        "no look was certainly within it: its beginning is vague",
    ),
    "never certainly after": (
        (*BEGUN, GOOD[0]),
        WITHOUT,
        "no look was certainly after it: its beginning is vague",
    ),
    "raises": (
        (*BEGUN, look(2.1, 0.2, None, problem="AttributeError: no status")),
        WITHOUT,
        ["it raised AttributeError: no status"],
    ),
    "of another type": (
        (*BEGUN, look(2.1, 0.2, 1.0), GOOD[2]),
        WITHOUT,
        ["1.0 0.2 s after the start"],
    ),
    "logged": ((*BEGUN, *MOVED, *GOOD, line("ZERO handlers", 2.45)), WITHOUT + LOOK + LOG, []),
    "logged too soon": (
        (*BEGUN, *MOVED, *GOOD, line("ZERO handlers at once", 2.1), line("ZERO handlers", 2.6)),
        WITHOUT + LOOK + LOG,
        ["ZERO handlers at once"],
    ),
    "logged when time is moved": (
        (*BEGUN, *MOVED, *GOOD, line("ZERO handlers early", 2.35)),
        WITHOUT + LOOK + LOG,
        ["ZERO handlers early"],
    ),
    "not logged": ((*BEGUN, *MOVED, *GOOD), WITHOUT + LOOK + LOG, ["none 10.5 s after the start"]),
    "logged when it is stopped": (
        (*BEGUN, *MOVED, *GOOD, STOP, line("ZERO handlers", 3.1)),
        WITHOUT + LOOK + LOG,
        ["none 10.5 s after the start"],
    ),
    "not logged, but nobody looks": (
        (*BEGUN, *MOVED, *GOOD),
        WITHOUT + LOG,
        "no line came at once; name what the application does at its next tick as grace.look",
    ),
    "nothing was missing": ((AGENT, *GOOD), WITHOUT, "app:register was never called, so that nothing was missing"),
    "nothing of this name": (
        (
            AGENT,
            CallSkipped(at=0.5, callable="app:register", problem="app has no attribute 'register'"),
            *GOOD,
        ),
        WITHOUT,
        ["app has no attribute 'register'"],
    ),
    "cannot be moved": ((AGENT, TimeUnmovable(at=0.2, reason="there is no freezegun")), "", "there is no freezegun"),
    "never served": (BEGUN, WITHOUT, "the boot never came to serve"),
    "never began": (
        (*BEGUN, NeverReady(at=9.0, limit=9.0, waiting_for="the end of the phase last", stacks="")),
        WITHOUT,
        "it waited for the end of the phase last",
    ),
    "from outside": ((), "", "the application was watched from outside, where its time cannot be moved"),
}


@pytest.mark.parametrize(("events", "more", "expected"), KEPT.values(), ids=KEPT)
def test_is_kept(events: tuple[Event, ...], more: str, expected: Said):
    """What stands before the end of a period and after it is judged, as far as the moment is certain."""
    assert expected == said(grace.is_kept, events, TARGET + PHASE + GRACE + more, "handlers")


def test_true_is_no_number():
    """A status that is true is not one that is 1."""
    contract = TARGET + PHASE + GRACE.replace('"waiting"', "1").replace('"warning"', "true")
    seen = (AGENT, look(2.1, 0.2, True), look(2.5, 10.5, True))  # noqa: FBT003 - a value
    assert ["True 0.2 s after the start"] == said(grace.is_kept, seen, contract, "handlers")
