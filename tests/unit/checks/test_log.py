"""The log: by traces made by hand."""

from __future__ import annotations

import pytest

from pytest_startup.checks import log
from pytest_startup.events.base import Event
from pytest_startup.events.edge import Answered
from pytest_startup.events.process import OutputDropped
from pytest_startup.events.used import ExerciseBegan, ExerciseEnded, Requested

from .traces import READY, TARGET, URL, Said, line, probed, said

DROPPED = OutputDropped(at=3.0, stream="stdout", bytes=2_000_000)
PROVOKED = (probed("control", "404", 2.2), Answered(at=2.5, pid=7, ours=True))

FREE: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "free": ((line("all is well"), READY), TARGET, "ERROR|FATAL", []),
    "found": ((line("an ERROR", 0.5), READY), TARGET, "ERROR|FATAL", ["an ERROR"]),
    "the first three": (
        (*(line(f"FATAL {n}", n / 10) for n in range(1, 6)), READY),
        TARGET,
        "ERROR|FATAL",
        ["FATAL 1", "FATAL 2", "FATAL 3"],
    ),
    "provoked by our questions": ((READY, *PROVOKED, line("ERROR: no such page", 2.3)), TARGET, "ERROR", []),
    "before our questions": ((READY, *PROVOKED, line("an ERROR", 2.1)), TARGET, "ERROR", ["an ERROR"]),
    "after our questions": ((READY, *PROVOKED, line("an ERROR", 2.6)), TARGET, "ERROR", ["an ERROR"]),
    "asked at the usual paths": (
        (READY, probed("discovered", "404", 2.2, path="/healthz"), PROVOKED[1], line("ERROR: /healthz", 2.4)),
        TARGET,
        "ERROR",
        [],
    ),
    "our questions have no end": ((READY, PROVOKED[0], line("an ERROR", 2.3)), TARGET, "ERROR", ["an ERROR"]),
    "too much of it": (
        (line("all is well"), READY, DROPPED),
        TARGET,
        "ERROR",
        "2000000 bytes of output were too many to keep",
    ),
    "too much, and found": ((line("an ERROR"), READY, DROPPED), TARGET, "ERROR", ["an ERROR"]),
    "never ready": ((line("an ERROR"),), TARGET, "ERROR", "the boot never became ready"),
    "up already": ((READY,), URL, "ERROR", "the log of an application that was up already cannot be seen"),
    "nothing forbidden": ((READY,), TARGET, "", "the contract forbids no line"),
}


@pytest.mark.parametrize(("events", "toml", "pattern", "expected"), FREE.values(), ids=FREE)
def test_is_free_of(events: tuple[Event, ...], toml: str, pattern: str, expected: Said):
    """A pattern is found in no line, but for those that our own questions provoked."""
    assert expected == said(log.is_free_of, events, toml, pattern)


BEGAN, OVER = ExerciseBegan(at=2.1, name="first requests"), ExerciseEnded(at=4.0, name="first requests")
USED = (READY, BEGAN, Requested(at=3.0, path="/a", answer="200", count=100, first=1), OVER)
FEW = (READY, BEGAN, Requested(at=3.0, path="/a", answer="200", count=40, first=1), OVER)
UNUSED = "the contract names no path for the first requests: neither traffic.requests nor health"

STAYS: dict[str, tuple[tuple[Event, ...], str, str, Said]] = {
    "free": ((*USED, line("all is well", 3.5)), TARGET, "ERROR", []),
    "in the start": ((*USED, line("an ERROR", 1.0)), TARGET, "ERROR", ["an ERROR"]),
    "in the first requests": ((*USED, line("an ERROR", 3.5)), TARGET, "ERROR", ["an ERROR"]),
    "after them": ((*USED, line("an ERROR", 4.5)), TARGET, "ERROR", []),
    "provoked by our questions": ((*USED, *PROVOKED, line("an ERROR", 2.3)), TARGET, "ERROR", []),
    "fewer than declared": (FEW, TARGET, "ERROR", "there was time for 40 of the first 100 requests only"),
    "fewer than declared, and found": ((*FEW, line("an ERROR", 3.5)), TARGET, "ERROR", ["an ERROR"]),
    "too much of it": ((*USED, DROPPED), TARGET, "ERROR", "2000000 bytes of output were too many to keep"),
    "none were made": ((READY, line("an ERROR")), TARGET, "ERROR", UNUSED),
    "never ready": ((line("an ERROR"),), TARGET, "ERROR", "the boot never became ready"),
    "up already": (USED, URL, "ERROR", "the log of an application that was up already cannot be seen"),
    "nothing forbidden": (USED, TARGET, "", "the contract forbids no line"),
}


@pytest.mark.parametrize(("events", "toml", "pattern", "expected"), STAYS.values(), ids=STAYS)
def test_stays_free_of(events: tuple[Event, ...], toml: str, pattern: str, expected: Said):
    """A pattern is found in no line of the start and of the first requests."""
    assert expected == said(log.stays_free_of, events, toml, pattern)
