"""What memory is taken: by traces made by hand."""

from __future__ import annotations

from typing import Literal

import pytest

from pytest_startup.checks import memory
from pytest_startup.events.base import Event
from pytest_startup.events.inside import MemoryMeasured, Snapshot

from .traces import AGENT, READY, TARGET, UP, Said, entered, left, phase, said

MIB = 1 << 20
CONTRACT = (
    TARGET
    + """
[startup]
max_mib = 200
[[phases]]
name = "one"
callable = "app:one"
max_mib = 50
[[phases]]
name = "two"
callable = "app:two"
"""
)
ONE = phase("one", 1.0, 1.2)


def measured(when: Literal["entered", "left"], mib: float, name: str = "one") -> MemoryMeasured:
    """Return the memory at the beginning or at the end of a phase."""
    return MemoryMeasured(at=1.0 if when == "entered" else 1.2, phase=name, when=when, bytes=int(mib * MIB))


GROWN = (measured("entered", 100), measured("left", 160.25))
PHASE: dict[str, tuple[tuple[Event, ...], Said]] = {
    "no more": ((*ONE, measured("entered", 100), measured("left", 100)), []),
    "as much as it may": ((*ONE, measured("entered", 100), measured("left", 150)), []),
    "less": ((*ONE, measured("entered", 100), measured("left", 90)), []),
    "too much": ((*ONE, *GROWN), ["60.2 MiB more (100.0 MiB before, 160.2 MiB after)"]),
    "too much, after another": (
        (*phase("two", 0.1, 0.9), *ONE, *GROWN),
        ["60.2 MiB more (100.0 MiB before, 160.2 MiB after)"],
    ),
    "while another ran": ((*ONE, *phase("two", 1.1, 1.3), *GROWN), "memory grew by 60.2 MiB, but two ran meanwhile"),
    "while another began, and never ended": (
        (*ONE, entered("two", 1.1), *GROWN),
        "memory grew by 60.2 MiB, but two ran meanwhile",
    ),
    "no more, while another ran": ((*ONE, *phase("two", 1.1, 1.3), *GROWN[:1], measured("left", 120)), []),
    "a moment": ((*phase("one", 1.0, 1.0), *GROWN), "its signal is a moment, not a span of time"),
    "not left": ((entered("one", 1.0), *GROWN[:1]), "it did not happen"),
    "not entered": ((left("one", 1.0), *GROWN), "its signal is a moment, not a span of time"),
    "not measured": (ONE, "its memory could not be measured here"),
    "not told": ((*ONE, measured("entered", 0), measured("left", 0)), "its memory could not be measured here"),
}


@pytest.mark.parametrize(("events", "expected"), PHASE.values(), ids=PHASE)
def test_of_phase(events: tuple[Event, ...], expected: Said):
    """The growth in a phase is judged, where it is that of the phase."""
    assert expected == said(memory.of_phase, events, CONTRACT, "one")


def test_of_any_phase():
    """A phase without a limit is not judged."""
    assert "the contract sets no max_mib for it" == said(memory.of_phase, ONE, CONTRACT, "two")


def held(mib: float) -> Snapshot:
    """Return what a ready process holds."""
    return Snapshot(
        at=2.1, when="ready", tasks=(), threads=(), peers=(), descriptors=9, memory=int(mib * MIB), test_tools=()
    )


WHEN_READY: dict[str, tuple[tuple[Event, ...], str, Said]] = {
    "enough": ((*UP, held(200)), CONTRACT, []),
    "too much": ((*UP, held(200.5)), CONTRACT, ["200.5 MiB"]),
    "not told": ((*UP, held(0)), CONTRACT, "this platform does not tell how much memory a process has"),
    "no limit": ((*UP, held(900)), TARGET, "the contract sets no startup.max_mib"),
    "never ready": ((AGENT,), CONTRACT, "the boot never became ready"),
    "from outside": ((READY,), CONTRACT, "the application was watched from outside, where its memory is not measured"),
}


@pytest.mark.parametrize(("events", "toml", "expected"), WHEN_READY.values(), ids=WHEN_READY)
def test_when_ready(events: tuple[Event, ...], toml: str, expected: Said):
    """The memory of a ready application is judged against its limit."""
    assert expected == said(memory.when_ready, events, toml)
