"""Does health tell the truth?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import health

pytestmark = [pytest.mark.smoke, pytest.mark.startup]


@pytest.mark.row("S5")
def test_health_when_ready(judge, endpoint):
    """Liveness and readiness say so once the application is ready."""
    judge(health.when_ready, endpoint)


@pytest.mark.row("S5")
def test_health_is_no_catch_all(judge):
    """A path that cannot exist is not answered as health is."""
    judge(health.control)


@pytest.mark.row("S5", "M4", "C7")
def test_not_ready_during(judge, phase):
    """Readiness does not say ready before a phase has ended."""
    judge(health.not_ready_during, phase)
