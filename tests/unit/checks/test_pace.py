"""Whether startups have become slower than their baseline: by traces made by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_startup.baseline import Baseline, Sample
from pytest_startup.checks import pace
from pytest_startup.contract import reader
from pytest_startup.events.base import Event
from pytest_startup.events.process import BootPaced
from pytest_startup.findings import NotCovered
from pytest_startup.trace import Trace

from .traces import AGENT, READY, TARGET

BASELINE = Baseline("3.11", tuple(Sample(1 + n / 100, 1, 0.1, {"one": 0.1, "two": 0.2}) for n in range(8)))


def paced(seconds: float, two: float = 0.2, reference: float = 0.1) -> BootPaced:
    """Return one more startup, CPU throughout."""
    return BootPaced(at=3, seconds=seconds, cpu=seconds, reference=reference, phases={"one": 0.1, "two": two})


def said(baseline: Baseline | None, *events: Event) -> list[str] | str:
    """Return what the check says: where to look in the end, or why nothing was judged."""
    contract = replace(reader.parse(TARGET, None), recorded=baseline)
    verdict = pace.keeps_up(Trace.of(events), contract, "startup")
    if isinstance(verdict, NotCovered):
        return verdict.reason
    return [f"{each.observed}; {each.look_at}" for each in verdict]


UP = (AGENT, READY)
TWICE = "1.95 times as long as the baseline (between 1.89 and 2.02, 5 startups)"
TABLE: dict[str, tuple[Baseline | None, tuple[Event, ...], list[str] | str]] = {
    "as before": (BASELINE, (*UP, *(paced(1.0 + n / 100) for n in range(5))), []),
    "quicker": (BASELINE, (*UP, *(paced(0.5 + n / 100) for n in range(5))), []),
    "a slower machine": (BASELINE, (*UP, *(paced(2 + n / 50, two=0.4, reference=0.2) for n in range(5))), []),
    "slower": (
        BASELINE,
        (*UP, *(paced(2 + n / 100, two=1.2) for n in range(5))),
        [
            f"{TWICE}; the phases which have grown: two (0.20 -> 1.20 s)",
        ],
    ),
    "slower outside of all phases": (
        BASELINE,
        (*UP, *(paced(2 + n / 100) for n in range(5))),
        [
            f"{TWICE}; what is imported and done outside of all phases",
        ],
    ),
    "too noisy": (
        BASELINE,
        (*UP, *(paced(seconds) for seconds in (0.5, 1.3, 1.4, 9))),
        "too noisy to tell: 1.30 times as long as the baseline (between 0.47 and 9.00, 4 startups)",
    ),
    "no baseline": (None, UP, "there is no baseline to compare with; --startup-record-baseline records one"),
    "being recorded": (Baseline(), UP, "a baseline is being recorded, with which later runs are compared"),
    "never ready again": (BASELINE, UP, "no further startup became ready"),
    "of another Python": (
        replace(BASELINE, python="3.9"),
        (*UP, paced(1)),
        "the baseline is of Python 3.9, this of Python 3.11; --startup-record-baseline records it anew",
    ),
    "seen from outside": (
        BASELINE,
        (READY, paced(1)),
        "the baseline is of Python 3.11, this of a command; --startup-record-baseline records it anew",
    ),
}


@pytest.mark.parametrize(("baseline", "events", "expected"), TABLE.values(), ids=TABLE)
def test_keeps_up(baseline: Baseline | None, events: tuple[Event, ...], expected: list[str] | str):
    """Only what is surely slower by more than the limit is a finding."""
    assert said(baseline, *events) == expected
