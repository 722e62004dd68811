"""Can the application use what it depends on?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import services

pytestmark = [pytest.mark.smoke, pytest.mark.startup, pytest.mark.row("S4")]


def test_service_answers(judge, service):
    """A service is used through the application's own component, and seen on the wire."""
    judge(services.answers, service)
