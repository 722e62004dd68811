"""Does the application wait as long as it says for what is missing, and then say that it is?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import grace as check

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup, pytest.mark.row("F3")]


@pytest.mark.boot(exercise="grace")
def test_grace_period(judge, grace):
    """A grace period lasts as long as it is declared, then the application says that it is over; time is moved."""
    judge(check.is_kept, grace)
