"""What becomes of a startup in which a service misbehaves? What the contract says: exit, not ready, tolerated."""

from __future__ import annotations

import pytest

from pytest_startup.checks import outcomes, reports

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup, pytest.mark.error_recovery]


@pytest.mark.row("M6", "M7", "M8", "M2", "M13", "C16")
@pytest.mark.fault("absent")
def test_absent_service(judge, service):
    """Nobody listens where the service should be."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("M6", "M7", "M8", "M2")
@pytest.mark.fault("silent")
def test_silent_service(judge, service):
    """The service accepts connections and never answers."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("M6", "M7", "M8", "M13", "C9")
@pytest.mark.fault("late", seconds=2)
def test_late_service(judge, service):
    """The service comes up after the application."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("M6", "M7", "M8", "M13")
@pytest.mark.fault("slow", seconds=0.05)
def test_slow_service(judge, service):
    """Every answer of the service comes 50 ms later, as from another region."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("M6", "M7", "M8", "M2")
@pytest.mark.fault("breaks")
def test_breaking_service(judge, service):
    """The service resets connections at the first word, and breaks off others in the middle of an answer."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("M6", "M7", "M8", "M2")
@pytest.mark.fault("wrong-credentials")
def test_wrong_credentials(judge, service):
    """The service does not know the password."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("M6", "M7", "M8")
@pytest.mark.fault("returns", judged="dies")
def test_dying_service(judge, service):
    """The service goes away while the application is up: readiness follows, liveness does not; SIGTERM still works."""
    judge(outcomes.while_gone, service)


@pytest.mark.row("M6", "M7", "M8")
@pytest.mark.fault("returns")
def test_returning_service(judge, service):
    """The service goes away and comes back: so does readiness."""
    judge(outcomes.is_declared, service)


@pytest.mark.row("C10")
def test_service_is_reported(judge, service):
    """Readiness tells how the service is in an ordinary boot: well, or away where it is never there."""
    judge(reports.tells_the_truth, service)


@pytest.mark.row("C10")
@pytest.mark.fault("returns", judged="dies")
def test_dead_service_is_reported(judge, service):
    """Readiness tells that the service is away once it has gone."""
    judge(reports.tells_the_truth, service)
