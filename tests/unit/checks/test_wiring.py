"""Components and links: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import wiring
from pytest_startup.events.base import Event
from pytest_startup.events.inside import ComponentResolved, LinkResolved

from .traces import AGENT, READY, TARGET, UP, Said, said

PARTS = """\
[launch]
target = "app:app"
[components]
bridge = "app.state.bridge"
registry = { at = "app.state.registry", not_empty = true }
analytics = { at = "app.state.analytics", optional = true }
[wiring]
"registry.bridge" = "bridge"
"""
OUTSIDE = "the application was watched from outside, where components cannot be seen"
NOT_ASKED = "it was not asked about"


def found(component: str, *, kind: str = "Bridge", size: int | None = None) -> ComponentResolved:
    """Return a component that is there."""
    return ComponentResolved(at=2.1, component=component, present=True, type=kind, size=size, reason="")


def absent(component: str, reason: str = "it is None") -> ComponentResolved:
    """Return a component that is not there."""
    return ComponentResolved(at=2.1, component=component, present=False, type="NoneType", size=None, reason=reason)


COMPONENT: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "there": ((*UP, found("bridge")), PARTS, "bridge", []),
    "there, though not ready": ((AGENT, UP[1], found("bridge")), PARTS, "bridge", []),
    "absent": ((*UP, absent("bridge")), PARTS, "bridge", ["it is None"]),
    "optional, absent": (
        (*UP, absent("analytics", "AttributeError: analytics")),
        PARTS,
        "analytics",
        "optional, and not there: AttributeError: analytics",
    ),
    "not empty": ((*UP, found("registry", size=2)), PARTS, "registry", []),
    "empty": ((*UP, found("registry", kind="Registry", size=0)), PARTS, "registry", ["a Registry with 0 entries"]),
    "without a length": ((*UP, found("registry", kind="Registry")), PARTS, "registry", ["a Registry without a length"]),
    "not asked": (UP, PARTS, "bridge", NOT_ASKED),
    "never served": ((AGENT,), PARTS, "bridge", "the boot never came to serve"),
    "outside": ((READY,), PARTS, "bridge", OUTSIDE),
    "none declared": (UP, TARGET, "bridge", "the contract declares no components"),
}


@pytest.mark.parametrize(("events", "toml", "subject", "expected"), COMPONENT.values(), ids=COMPONENT)
def test_component(events: tuple[Event, ...], toml: str, subject: str, expected: Said):
    """A component is in its place, and not empty where it must not be."""
    assert expected == said(wiring.component, events, toml, subject)


HOLDS = LinkResolved(at=2.2, link="registry.bridge", holds=True, observed="the same object")
BROKEN = LinkResolved(at=2.2, link="registry.bridge", holds=False, observed="another Bridge")
LINK: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "holds": ((*UP, HOLDS), PARTS, []),
    "another": ((*UP, found("bridge"), found("registry"), BROKEN), PARTS, ["another Bridge"]),
    "its end is absent": ((*UP, absent("bridge"), found("registry"), BROKEN), PARTS, "component bridge is not there"),
    "its holder is absent": (
        (*UP, found("bridge"), absent("registry"), BROKEN),
        PARTS,
        "component registry is not there",
    ),
    "not asked": (UP, PARTS, NOT_ASKED),
    "never served": ((AGENT,), PARTS, "the boot never came to serve"),
    "outside": ((READY,), PARTS, OUTSIDE),
    "none declared": (UP, TARGET, "the contract declares no wiring"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), LINK.values(), ids=LINK)
def test_link(events: tuple[Event, ...], toml: str, expected: Said):
    """What a component holds is the very object; where one of the two is missing, that is told once."""
    assert expected == said(wiring.link, events, toml, "registry.bridge")
