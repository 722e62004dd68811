"""Is what is optional in one place and required in another taken for what it is there, and told?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import outcomes, reports

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.error_recovery,
    pytest.mark.row("I16", "C10"),
    pytest.mark.fault("absent"),
]


def test_profile(judge, profiled):
    """In a profile in which it is required a missing service keeps the boot from being ready, else it does not."""
    judge(outcomes.in_profile, profiled)


def test_profile_report(judge, profiled):
    """Readiness tells of a missing service what the profile makes of it: required or not, its status, the error."""
    judge(reports.in_profile, profiled)
