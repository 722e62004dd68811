"""Do the phases of the startup happen as the contract says?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import phases

pytestmark = [pytest.mark.smoke, pytest.mark.startup, pytest.mark.row("M1")]


def test_phase_happens_once(judge, phase):
    """A phase is entered once and left once."""
    judge(phases.once, phase)


@pytest.mark.row("M6", "M7", "M8")
def test_phase_order(judge, pair):
    """A phase has ended before one that comes after it begins."""
    judge(phases.follows, pair)


def test_phase_in_time(judge, phase):
    """A phase takes no longer than its max_seconds."""
    judge(phases.in_time, phase)
