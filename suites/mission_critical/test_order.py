"""Do the phases keep their order, whatever is quick or slow?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import phases

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup, pytest.mark.row("M1", "M20")]


def test_order_is_no_accident(judge, seed):
    """The phases keep their order when the event loop runs what is ready in another one, which the seed decides."""
    judge(phases.keep_order, seed)


@pytest.mark.fault("slow", seconds=0.05)
def test_order_with_slow_service(judge, service):
    """The phases keep their order when a service answers slowly."""
    judge(phases.keep_order, service)
