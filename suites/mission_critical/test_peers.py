"""Does the application wait for what it depends on, further applications among it, as a good neighbour would?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import retrying

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup, pytest.mark.error_recovery]


@pytest.mark.row("M13", "M14", "C6", "C9")
@pytest.mark.fault("late", seconds=2)
def test_patience(judge, service):
    """A service that comes later is asked again and again: not too often, and with growing pauses where they must."""
    judge(retrying.is_patient, service)
