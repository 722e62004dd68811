"""A startup in which a phase goes wrong: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import failing
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.edge import CanaryAnswered
from pytest_startup.events.inside import ComponentResolved
from pytest_startup.events.process import Exited, FaultFelt, FaultPlanned, Killed, NeverReady, Ready
from pytest_startup.trace import Trace

from .traces import STOP, TARGET, Said, entered, line, phase, probed, said

PHASES = """\
[[phases]]
name = "settings"
callable = "app:load"
[[phases]]
name = "database"
callable = "app.startup:Startup.open_pool"
[[phases]]
name = "chat_pipeline"
log = "pipeline is up"
"""
HEALTH = '[health]\nliveness = "/liveness"\nreadiness = "/readiness"\n'
EXITS = TARGET + HEALTH + PHASES
STAYS = EXITS + '[startup]\non_failure = "not-ready"\n'
NO_HEALTH = TARGET + "[health]\nreadiness = false\n" + PHASES

RAISES = FaultPlanned(at=0.0, fault="raises", subject="database", seconds=0.0)
HANGS = FaultPlanned(at=0.0, fault="hangs", subject="database", seconds=0.0)
BEFORE = (*phase("settings", 1.0, 1.1), entered("database", 1.2))
FELT = FaultFelt(at=1.2, fault="raises", subject="database")
FAILS = (RAISES, *BEFORE, FELT)
HANGING = (HANGS, *BEFORE, FELT)
TOLD = line("startup phase 'database' failed", 1.3)
EXIT = Exited(at=1.5, code=3, asked=False)
NEVER = NeverReady(at=12.0, limit=12.0, waiting_for="the server to listen", stacks="")
STOPPED = (STOP, Exited(at=3.5, code=-15, asked=True))
UNSTRUCK = (
    "the fault could not strike: this phase's signal comes from where nothing can be made to fail "
    "(a print, a first touch)"
)
NAMELESS = "no line after it had failed names database"

STOPS_AT: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    # as it should be
    "ends, and says why": ((*FAILS, TOLD, EXIT), EXITS, []),
    "by a signal": ((*FAILS, TOLD, Exited(at=1.5, code=-6, asked=False)), EXITS, []),
    "a hang is ended": ((*HANGING, TOLD, Exited(at=6.2, code=3, asked=False)), EXITS, []),
    "stays up, as declared": ((*FAILS, TOLD, probed("readiness", "503", 1.4), NEVER, *STOPPED), STAYS, []),
    "live all the same": ((*FAILS, TOLD, probed("liveness", "200", 1.4), EXIT), EXITS, []),
    "no readiness to ask": ((*FAILS, TOLD, probed("readiness", "200", 1.4), EXIT), NO_HEALTH, []),
    # how it may be named
    "in other letters": ((*FAILS, line("DATABASE: no", 1.3), EXIT), EXITS, []),
    "by its callable": ((*FAILS, line("    await self.open_pool()", 1.3), EXIT), EXITS, []),
    "at the same moment": ((*FAILS, line("database: no", 1.2), EXIT), EXITS, []),
    # it goes on
    "a later phase begins": ((*FAILS, TOLD, entered("chat_pipeline", 1.4), EXIT), EXITS, ["chat_pipeline began"]),
    "the same phase again": ((*FAILS, TOLD, entered("database", 1.4), EXIT), EXITS, []),
    "ready": (
        (*FAILS, TOLD, probed("readiness", "200", 1.4), EXIT),
        EXITS,
        ["/readiness answered 200, asked from outside"],
    ),
    "ready, seen from inside": (
        (*FAILS, TOLD, probed("readiness", "200", 1.4, vantage="inside"), EXIT),
        EXITS,
        ["/readiness answered 200, asked from inside"],
    ),
    "asked before": ((*FAILS, TOLD, probed("readiness", "200", 1.205), EXIT), EXITS, []),
    "asked while it is stopped": ((*FAILS, TOLD, *STOPPED, probed("readiness", "200", 3.2)), STAYS, []),
    "everything at once": (
        (*FAILS, TOLD, entered("chat_pipeline", 1.3), probed("readiness", "200", 1.4), *STOPPED),
        EXITS,
        ["chat_pipeline began", "/readiness answered 200, asked from outside", "the process went on"],
    ),
    # it does not end as it should
    "goes on": ((*FAILS, TOLD, *STOPPED), EXITS, ["the process went on"]),
    "hangs for ever": (
        (*HANGING, NEVER, STOP, Killed(at=5.0, reason="still running")),
        EXITS,
        ["the process went on (waited 12 s)"],
    ),
    "too late": (
        (*HANGING, NEVER, TOLD, Exited(at=12.1, code=3, asked=False)),
        EXITS,
        ["the process went on (waited 12 s, ended after 12.1 s)"],
    ),
    "without an error": ((*FAILS, TOLD, Exited(at=1.5, code=0, asked=False)), EXITS, ["exit code 0"]),
    "ends, though declared otherwise": ((*FAILS, TOLD, EXIT), STAYS, ["it ended with code 3"]),
    # nobody is told
    "in silence": ((*FAILS, EXIT), EXITS, [NAMELESS]),
    "without a name": ((*FAILS, line("startup failed", 1.3), EXIT), EXITS, [NAMELESS]),
    "named before": ((line("database: begins", 1.1), *FAILS, EXIT), EXITS, [NAMELESS]),
    "named in another word": ((*FAILS, line("databases, mydatabase", 1.3), EXIT), EXITS, [NAMELESS]),
    "named by our own error alone": (
        (*FAILS, line("RuntimeError: injected fault: phase database raises", 1.3), EXIT),
        EXITS,
        [NAMELESS],
    ),
    "named beside our own error": (
        (*FAILS, line("database: RuntimeError: injected fault: phase database raises", 1.3), EXIT),
        EXITS,
        [],
    ),
    "named while it is stopped": ((*FAILS, NEVER, *STOPPED, line("database: cancelled", 3.2)), STAYS, [NAMELESS]),
    # nothing to judge
    "no fault": ((*BEFORE, TOLD, EXIT), EXITS, "no fault was planned for this phase"),
    "not reached": ((RAISES, EXIT), EXITS, "the fault could not strike: the phase never began"),
    "not felt": (
        (RAISES, *BEFORE, EXIT),
        EXITS,
        UNSTRUCK,
    ),
}


@pytest.mark.parametrize(("events", "toml", "expected"), STOPS_AT.values(), ids=STOPS_AT)
def test_stops_at(events: tuple[Event, ...], toml: str, expected: Said):
    """A phase that goes wrong ends the startup there, with an end that tells."""
    assert expected == said(failing.stops_at, events, toml, "database")


@pytest.mark.parametrize("name", ["chat_pipeline", "chat pipeline", "Chat-Pipeline"])
def test_a_name_of_two_words(name: str):
    """The words of a name may be parted in another way; a phase without a callable has one name."""
    planned = FaultPlanned(at=0.0, fault="hangs", subject="chat_pipeline", seconds=0.0)
    felt = FaultFelt(at=1.2, fault="hangs", subject="chat_pipeline")
    events = (planned, felt, line(f"{name}: not done after 5 s", 6.2), Exited(at=6.3, code=3, asked=False))
    assert [] == said(failing.stops_at, events, EXITS, "chat_pipeline")


def test_an_order_that_is_free():
    """Where the order is partial, a phase that need not wait for the one that failed may begin."""
    toml = EXITS + '[startup]\norder = "partial"\n'
    assert [] == said(failing.stops_at, (*FAILS, TOLD, entered("chat_pipeline", 1.4), EXIT), toml, "database")


EXPECTED: dict[str, tuple[tuple[Event, ...], str, str, str]] = {
    "raises": (
        FAILS,
        EXITS,
        "database that fails ends the process with an error",
        'startup.on_failure = "not-ready": stay up, and be replaced by whoever watches readiness',
    ),
    "hangs": (
        HANGING,
        EXITS,
        "database that hangs is ended by a time limit of the startup",
        'startup.on_failure = "not-ready": stay up, and be replaced by whoever watches readiness',
    ),
    "ends": ((*FAILS, EXIT), STAYS, "the process stays up, not ready", 'startup.on_failure = "exit"'),
    "no name": ((*FAILS, EXIT), EXITS, "a line of the log that names database", ""),
}


@pytest.mark.parametrize(("events", "toml", "expected", "on_purpose"), EXPECTED.values(), ids=EXPECTED)
def test_what_was_expected(events: tuple[Event, ...], toml: str, expected: str, on_purpose: str):
    """A finding says what should have been, and what the contract would say if it is on purpose."""
    (finding, *_) = failing.stops_at(Trace.of(events), reader.parse(toml, None), "database")  # type: ignore[misc]
    assert (finding.expected, finding.on_purpose) == (expected, on_purpose)


STATE = """\
[[phases]]
name = "wires"
state = "app.state.stage"
value = "wiring_up"
[[phases]]
name = "line"
log = "all done"
[[phases]]
name = "last"
log = "really all done"
"""
CAUSE = line("RuntimeError: injected fault: phase 'x' raises", 1.3)


@pytest.mark.parametrize(
    ("subject", "told", "findings"),
    [
        ("wires", line("stage wiring-up failed", 1.3), []),
        ("wires", CAUSE, []),
        ("line", CAUSE, []),
        ("line", line("oh no", 1.3), ["no line after it had failed names line"]),
    ],
    ids=["by its state", "by the cause", "a line by the cause", "by nothing"],
)
def test_phases_without_a_name_of_their_own(subject: str, told: Event, findings: list[str]):
    """A phase that only the contract names is told by its state, or by the cause."""
    planned = FaultPlanned(at=0.0, fault="raises", subject=subject, seconds=0.0)
    felt = FaultFelt(at=1.2, fault="raises", subject=subject)
    events = (planned, entered(subject, 1.2), felt, told, EXIT)
    verdict = failing.stops_at(Trace.of(events), reader.parse(TARGET + HEALTH + STATE, None), subject)
    assert [finding.observed for finding in verdict] == findings  # type: ignore[union-attr]


def test_the_last_line_of_a_start():
    """A line that ends the last phase may be the last that the start does: nothing can fail there any more."""
    events = (FaultPlanned(at=0.0, fault="raises", subject="last", seconds=0.0), entered("last", 1.2), CAUSE, EXIT)
    felt = FaultFelt(at=1.2, fault="raises", subject="last")
    why = "it is known by its last line alone, and nothing comes after it: there its work is done"
    assert why == said(failing.stops_at, (*events, felt), TARGET + HEALTH + STATE, "last")


def test_a_hang_which_no_limit_can_end():
    """Where a hang can only stand the event loop still, an application which does not end it is not judged."""
    planned = FaultPlanned(at=0.0, fault="hangs", subject="wires", seconds=0.0)
    felt = FaultFelt(at=1.2, fault="hangs", subject="wires")
    why = "to hang at this signal stands the event loop still, which no limit within it can end"
    hanging = (planned, entered("wires", 1.2), felt, CAUSE)
    assert why == said(failing.stops_at, (*hanging, NEVER, *STOPPED), TARGET + HEALTH + STATE, "wires")
    assert [] == said(failing.stops_at, (*hanging, EXIT), TARGET + HEALTH + STATE, "wires")


PARTS = """\
[launch]
target = "app:app"
[[phases]]
name = "database"
callable = "app:open"
provides = ["pool", "figures"]
[[phases]]
name = "settings"
callable = "app:load"
[components]
pool = "app.state.pool"
figures = { at = "app.state.figures", optional = true }
other = "app.state.other"
"""
TAKEN_AWAY = FaultFelt(at=1.3, fault="half-done", subject="database")
UP = Ready(at=2.0)


def resolved(component: str, *, present: bool = False) -> ComponentResolved:
    """Return what stood in the place of a component."""
    return ComponentResolved(at=2.1, component=component, present=present, type="", size=None, reason="it is None")


BROKEN = CanaryAnswered(at=2.2, service="postgres", works=False, observed="raised", seconds=0.1, crossed=0)

IS_NOTICED: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "never ready": ((TAKEN_AWAY,), "database", []),
    "ready without it": ((TAKEN_AWAY, UP, resolved("pool")), "database", ["ready, although pool is None"]),
    "ready, and it does not work": (
        (TAKEN_AWAY, UP, resolved("pool"), BROKEN),
        "database",
        ["ready, although pool is None, postgres cannot be used"],
    ),
    "ready without what is optional": ((TAKEN_AWAY, UP, resolved("figures")), "database", []),
    "ready without what others provide": ((TAKEN_AWAY, UP, resolved("other")), "database", []),
    "made anew": ((TAKEN_AWAY, UP, resolved("pool", present=True)), "database", []),
    "nothing taken away": ((UP, resolved("pool")), "database", "nothing that it provides could be taken away"),
    "provides nothing": (
        (TAKEN_AWAY, UP),
        "settings",
        "the contract does not say what this phase provides",
    ),
}


@pytest.mark.parametrize(("events", "subject", "expected"), IS_NOTICED.values(), ids=IS_NOTICED)
def test_is_noticed(events: tuple[Event, ...], subject: str, expected: Said):
    """An application does not get ready without what a phase should have provided."""
    assert expected == said(failing.is_noticed, events, PARTS, subject)


def test_what_ends_with_the_start():
    """Nothing in the start can notice what is taken away at its very end, where the end is a state or a line."""
    toml = PARTS.replace('callable = "app:load"\n', 'state = "app.state.stage"\nvalue = "up"\nprovides = ["other"]\n')
    felt = FaultFelt(at=1.3, fault="half-done", subject="settings")
    why = "it ends with the start itself: what is taken away then, nothing of the start can notice"
    assert why == said(failing.is_noticed, (felt, UP, resolved("other")), toml, "settings")
