"""What becomes of a startup in which a phase goes wrong?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import failing

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup, pytest.mark.error_recovery]


@pytest.mark.row("M2", "S6")
@pytest.mark.fault("raises")
def test_failed_phase_ends_the_startup(judge, phase):
    """A phase that fails ends the startup: no later phase, never ready, an exit code and a log line that tell."""
    judge(failing.stops_at, phase)


@pytest.mark.row("M11")
@pytest.mark.fault("hangs")
def test_hanging_phase_is_ended(judge, phase):
    """A phase that hangs is ended by a time limit of the startup, and named."""
    judge(failing.stops_at, phase)
