"""Services that falter during the start: by traces made by hand."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from pytest_startup.checks import chaos
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import CanaryAnswered, TapClosed, Touched
from pytest_startup.events.inside import ComponentResolved
from pytest_startup.events.instances import ChaosPlanned, EpisodeStruck
from pytest_startup.events.process import Exited, FaultPlanned, NeverReady
from pytest_startup.trace import Trace

from .traces import TARGET, UP, URL, Said, line, said

CONTRACT = f"""{TARGET}
[[phases]]
name = "open_it"
callable = "app:open"
needs = ["redis"]
[components]
pool = "app.state.pool"
extra = {{ at = "app.state.extra", optional = true }}
[services.redis]
outcome = {{ falters = "tolerated" }}
[services.llm]
outcome = {{ falters = "tolerated" }}
[services.postgres]
"""
ENDS = CONTRACT.replace("tolerated", "exit")
WAITS = CONTRACT.replace("tolerated", "not-ready")
PLANNED = (
    FaultPlanned(at=0.0, fault="falters", subject="redis", seconds=0.0),
    FaultPlanned(at=0.0, fault="falters", subject="llm", seconds=0.0),
    ChaosPlanned(at=0.0, service="redis", seed=7, episodes=("reset, 0 answers later",)),
)
STRUCK = (*PLANNED, EpisodeStruck(at=0.5, service="redis", episode="reset, 0 answers later"))
NEVER = NeverReady(at=9.0, limit=9.0, waiting_for="it", stacks="")
DIED = Exited(at=2.0, code=1, asked=False)
MET = "(it had met redis: reset, 0 answers later)"


def canary(*, works: bool) -> CanaryAnswered:
    """Return what the canary of the cache said."""
    return CanaryAnswered(at=3.0, service="redis", works=works, observed="raised", seconds=0.1, crossed=9)


def missing(component: str) -> ComponentResolved:
    """Return a component that is not there."""
    return ComponentResolved(at=3.0, component=component, present=False, type="", size=None, reason="it is empty")


WEATHERED: dict[str, tuple[Iterable[Event], str, Said]] = {
    "ready": ((*STRUCK, *UP, canary(works=True), missing("extra")), CONTRACT, []),
    "ready in name": (
        (*STRUCK, *UP, canary(works=False)),
        CONTRACT,
        [f"it is ready, and the canary of redis raised {MET}"],
    ),
    "half ready": (
        (*STRUCK, *UP, missing("pool")),
        CONTRACT,
        [f"it is ready, and pool is missing or empty: it is empty {MET}"],
    ),
    "gives up": ((*STRUCK, line("reset by peer"), DIED), CONTRACT, [f"it ended with code 1 {MET}"]),
    "hangs": ((*STRUCK, NEVER), CONTRACT, [f"after 9 s it still waited for it {MET}"]),
    "ends, as it may": ((*STRUCK, line("connection reset"), DIED), ENDS, []),
    "ends and names the service": ((*STRUCK, line("redis: error 7"), DIED), ENDS, []),
    "ends and names the phase": ((*STRUCK, line("phase open_it: failed"), DIED), ENDS, []),
    "ends and says nothing": ((*STRUCK, line("bye"), DIED), ENDS, [f"no line does {MET}"]),
    "ends and names what goes on": (
        (*STRUCK, line("phase open_it: begins"), DIED),
        ENDS,
        [f"no line does {MET}"],
    ),
    "said it before": ((line("connection reset", at=0.1), *STRUCK, DIED), ENDS, [f"no line does {MET}"]),
    "ends with 0": ((*STRUCK, Exited(at=2.0, code=0, asked=False)), ENDS, [f"exit code 0 {MET}"]),
    "may end, and gets ready": ((*STRUCK, *UP), ENDS, []),
    "may end, and hangs": ((*STRUCK, NEVER), ENDS, [f"after 9 s it still waited for it {MET}"]),
    "may wait, and does": ((*STRUCK, NEVER), WAITS, []),
    "never met": (
        (*PLANNED, *UP),
        CONTRACT,
        ["not one answer crossed a tap while it started: this boot proves nothing"],
    ),
    "up already": (UP, URL, "an application that was up already is not started by us"),
    "no chaos": (UP, CONTRACT, "no service says what must happen when it falters (services.NAME.outcome.falters)"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), WEATHERED.values(), ids=WEATHERED)
def test_is_weathered(events: Iterable[Event], toml: str, expected: Said):
    """A start during which services falter comes through, or does what the contract says; ready is true."""
    assert expected == said(chaos.is_weathered, tuple(events), toml, 7)


def crossed(received: int) -> TapClosed:
    """Return what came from the model over the whole boot."""
    return TapClosed(at=5.0, service="llm", connections=1, sent=1, received=received)


USED = Touched(at=0.2, service="llm")
MEETINGS: dict[str, tuple[str, Iterable[Event], Said]] = {
    "met": ("redis", (*STRUCK, *UP), []),
    "met, and not ready": ("redis", (*STRUCK, DIED), []),
    "never touched": ("llm", (*STRUCK, *UP), "the application does not use llm while it starts"),
    "went past": (
        "llm",
        (*STRUCK, *UP, USED, crossed(9)),
        ["no episode of its schedule met any (9 bytes came from it over the whole boot)"],
    ),
    "never touched, though a phase needs it": (
        "redis",
        (*PLANNED, *UP),
        ["no episode of its schedule met any (0 bytes came from it over the whole boot)"],
    ),
    "ended before": ("llm", (*STRUCK, DIED), "the boot ended before anything of llm was asked"),
    "not declared": ("postgres", (*STRUCK, *UP), "services.postgres.outcome.falters is not declared"),
    "no chaos": ("redis", UP, "no chaos was planned in this boot"),
}


@pytest.mark.parametrize(("service", "events", "expected"), MEETINGS.values(), ids=MEETINGS)
def test_is_met(service: str, events: Iterable[Event], expected: Said):
    """The schedule of a service has met its traffic, or the reason is said."""
    assert expected == said(chaos.is_met, tuple(events), CONTRACT, service)


def test_the_schedule_can_be_had_again():
    """A finding says by which option the same schedule is played again."""
    (found,) = chaos.is_weathered(Trace.of((*STRUCK, NEVER)), reader.parse(CONTRACT), 7)  # type: ignore[misc]
    assert "--startup-chaos=7" in found.look_at
