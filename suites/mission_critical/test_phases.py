"""What becomes of a startup in which a phase goes wrong?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import failing, repeating

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup, pytest.mark.error_recovery]


@pytest.mark.row("M2", "S6")
@pytest.mark.fault("raises")
@pytest.mark.boot(again=True)
def test_failed_phase_ends_the_startup(judge, phase):
    """A phase that fails ends the startup: no later phase, never ready, an exit code and a log line that tell."""
    judge(failing.stops_at, phase)


@pytest.mark.row("M12")
@pytest.mark.fault("raises")
@pytest.mark.boot(again=True)
def test_next_boot_succeeds(judge, phase):
    """After a boot in which a phase failed, the next one on the same services becomes ready."""
    judge(repeating.recovers, phase)


@pytest.mark.row("M11")
@pytest.mark.fault("hangs")
def test_hanging_phase_is_ended(judge, phase):
    """A phase that hangs is ended by a time limit of the startup, and named."""
    judge(failing.stops_at, phase)


@pytest.mark.row("M2")
@pytest.mark.fault("half-done")
def test_half_done_phase_is_noticed(judge, phase):
    """A phase that leaves None behind in the place of what it provides does not lead to ready."""
    judge(failing.is_noticed, phase)


@pytest.mark.row("M9")
@pytest.mark.fault("twice")
def test_phase_called_twice(judge, phase):
    """Two calls of a phase at the same time do its work once."""
    judge(repeating.phase_runs_once, phase)
