"""Do users get in only once it is ready, and are they served from then on?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import health, log, traffic

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup]


@pytest.mark.row("M10")
@pytest.mark.websocket
@pytest.mark.boot(exercise="use")
def test_traffic_is_refused_during(judge, phase):
    """Requests and sockets which are offered in this phase are told to come back: never served, never dropped."""
    judge(traffic.refused_during, phase)


@pytest.mark.row("M4", "C7")
def test_not_ready_is_told_outside(judge):
    """Whoever asks from outside before it is ready is told so, wherever anybody listens by then."""
    judge(health.told_outside)


@pytest.mark.row("F5")
@pytest.mark.boot(exercise="use")
def test_first_requests(judge):
    """None of the first requests fails."""
    judge(traffic.first_requests)


@pytest.mark.row("F5")
@pytest.mark.boot(exercise="use")
def test_log_stays_free_of(judge, pattern):
    """The start and the first requests write no line which the contract forbids."""
    judge(log.stays_free_of, pattern)
