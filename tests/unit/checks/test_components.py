"""When components come to be: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import components
from pytest_startup.events.base import Event
from pytest_startup.events.inside import ComponentAttached, ComponentResolved

from .traces import AGENT, COMPLETE, READY, TARGET, UP, URL, Said, entered, left, phase, said

CONTRACT = (
    TARGET
    + """
[[phases]]
name = "one"
callable = "app:one"
provides = ["pool", "maker"]
[[phases]]
name = "two"
callable = "app:two"
[components]
pool = { at = "app.pool", within = 0.1 }
maker = "app.make()"
user = { at = "app.user", after = ["pool"] }
spare = { at = "app.spare", optional = true }
"""
)
PARTIAL = CONTRACT + '[startup]\norder = "partial"\n'
OPTIONAL = CONTRACT.replace("within = 0.1", "within = 0.1, optional = true")
ONE, TWO = phase("one", 1.0, 1.2), phase("two", 1.4, 1.6)
PHASES = (*UP, *ONE, *TWO, COMPLETE)
OUTSIDE = "the application was watched from outside, where components cannot be seen"
UNREADY = "the boot never became ready"


def attached(name: str, at: float, began: float | None = None) -> ComponentAttached:
    """Return the coming of a component: exactly then, unless there is an earlier look to know of."""
    return ComponentAttached(at=at, component=name, type="Thing", began=at if began is None else began)


def absent(name: str) -> ComponentResolved:
    """Return what was found in a ready application: nothing."""
    return ComponentResolved(at=2.1, component=name, present=False, type="NoneType", size=None, reason="it is None")


PROVIDED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "within its phase": ((*PHASES, attached("pool", 1.1)), CONTRACT, []),
    "from what its phase returned": ((*PHASES, attached("pool", 1.3)), CONTRACT, []),
    "after the next phase began": (
        (*PHASES, attached("pool", 1.45)),
        CONTRACT,
        ["it came 250.0 ms after one was left, and after two began"],
    ),
    "seen after the next phase began": ((*PHASES, attached("pool", 1.45, began=1.39)), CONTRACT, []),
    "not in the order, while another runs": ((*PHASES, attached("pool", 1.45)), PARTIAL, []),
    "after the startup": (
        (*PHASES, attached("pool", 1.9)),
        PARTIAL,
        ["it came 700.0 ms after one was left, and after the startup was complete"],
    ),
    "after ready": (
        (AGENT, READY, *ONE, attached("pool", 2.5)),
        CONTRACT,
        ["it came 1300.0 ms after one was left, and after the application was ready"],
    ),
    "started in the background": (
        (AGENT, COMPLETE, READY, *phase("one", 1.85, 1.9), attached("pool", 1.95)),
        CONTRACT,
        [],
    ),
    "never": ((*PHASES, absent("pool")), CONTRACT, ["never: it is None"]),
    "never, and it is optional": ((*PHASES, absent("pool")), OPTIONAL, "pool was never there"),
    "not looked for": (PHASES, CONTRACT, "pool was never there"),
    "its phase did not happen": ((*UP, attached("pool", 1.1)), CONTRACT, "one, which provides it, did not happen"),
    "never ready": ((AGENT, *ONE, attached("pool", 1.1)), CONTRACT, UNREADY),
    "from outside": ((READY, *ONE), CONTRACT, OUTSIDE),
}


@pytest.mark.parametrize(("events", "toml", "expected"), PROVIDED.values(), ids=PROVIDED)
def test_is_provided(events: tuple[Event, ...], toml: str, expected: Said):
    """A component is there before anything comes after the phase that provides it."""
    assert expected == said(components.is_provided, events, toml, "pool")


def test_is_provided_by_nobody():
    """What no phase provides, and what is made anew by a call, has no moment to be judged."""
    assert "no phase says that it provides it" == said(components.is_provided, PHASES, CONTRACT, "user")
    made = "maker is made by a call, so that it has no moment of its own"
    assert made == said(components.is_provided, PHASES, CONTRACT, "maker")


IN_TIME: dict[str, tuple[tuple[Event, ...], Said]] = {
    "in time": ((*PHASES, attached("pool", 1.09)), []),
    "seen in time": ((*PHASES, attached("pool", 1.09, began=0.5)), []),
    "late": ((*PHASES, attached("pool", 1.15)), ["it took 150.0 ms"]),
    "late, at least": ((*PHASES, attached("pool", 1.3, began=1.12)), ["it took 120.0 ms"]),
    "perhaps late": (
        (*PHASES, attached("pool", 1.11, began=1.09)),
        "it could only be seen that it came between 90.0 ms and 110.0 ms",
    ),
    "before its phase": (
        (*PHASES, attached("pool", 0.5)),
        "one, which provides it, did not happen before it was there",
    ),
    "its phase did not happen": (
        (*UP, attached("pool", 1.1)),
        "one, which provides it, did not happen before it was there",
    ),
    "never": (PHASES, "pool was never there"),
    "never ready": ((AGENT, *ONE, attached("pool", 1.1)), UNREADY),
}


@pytest.mark.parametrize(("events", "expected"), IN_TIME.values(), ids=IN_TIME)
def test_in_time(events: tuple[Event, ...], expected: Said):
    """The time from the beginning of the phase is judged, as far as it is known."""
    assert expected == said(components.in_time, events, CONTRACT, "pool")


def test_in_any_time():
    """A component without a time is not judged."""
    reason = "the contract does not say within what time it must be there"
    assert reason == said(components.in_time, PHASES, CONTRACT, "user")


ORDER: dict[str, tuple[tuple[Event, ...], Said]] = {
    "in order": ((attached("pool", 1.1), attached("user", 1.2)), []),
    "in order, as was seen": ((attached("pool", 1.1, began=0.5), attached("user", 1.2, began=1.1)), []),
    "the wrong way": ((attached("user", 1.1), attached("pool", 1.2)), ["user was there 100.0 ms before pool"]),
    "the wrong way, at least": (
        (attached("user", 1.1, began=0.5), attached("pool", 1.3, began=1.15)),
        ["user was there 50.0 ms before pool"],
    ),
    "between two looks": (
        (attached("user", 1.2, began=1.0), attached("pool", 1.2, began=1.0)),
        "they came so soon after one another that it could not be seen which was first",
    ),
    "one never": ((attached("user", 1.2),), "pool was never there"),
    "the other never": ((attached("pool", 1.2),), "user was never there"),
}


@pytest.mark.parametrize(("events", "expected"), ORDER.values(), ids=ORDER)
def test_follows(events: tuple[Event, ...], expected: Said):
    """The order of two components is judged where it is certain."""
    assert expected == said(components.follows, (*PHASES, *events), CONTRACT, ("pool", "user"))


def test_up_already():
    """In an application that was up already nothing of this can be seen."""
    contract = URL + CONTRACT.removeprefix(TARGET)
    assert OUTSIDE == said(components.follows, (READY, entered("one", 1), left("one", 2)), contract, ("pool", "user"))
