"""Does it still start as quickly as it did?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import pace

pytestmark = [pytest.mark.real_services, pytest.mark.startup, pytest.mark.performance]


@pytest.mark.row("I18")
@pytest.mark.boot(exercise="pace")
def test_startup_speed(judge, baseline):
    """Startups take no longer than those of the recorded baseline, as far as noise lets it be told."""
    judge(pace.keeps_up, baseline)
