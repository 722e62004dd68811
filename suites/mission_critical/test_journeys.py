"""Can users do what they come for, also when the system around the application changes while it starts?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import journeys

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup]


@pytest.mark.row("C20")
@pytest.mark.security
@pytest.mark.boot(exercise="use")
def test_journey(judge, journey):
    """Every step of the journey is answered as the contract says, also those that lead through other services."""
    judge(journeys.completes, journey)


@pytest.mark.row("C17")
@pytest.mark.security
@pytest.mark.error_recovery
@pytest.mark.boot(exercise="journey")
def test_disturbed_journey(judge, disturbance):
    """The same after the system was disturbed in the middle of a phase of the startup."""
    judge(journeys.completes, disturbance)
