"""A service that it needs goes, or hangs, while users ask on; then it is back. Does everything recover, in time?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import outcomes, recovery

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.error_recovery,
    pytest.mark.boot(exercise="outage"),
]


@pytest.mark.row("I6")
@pytest.mark.fault("returns", judged="dies")
def test_readiness_in_outage(judge, needed):
    """While the service is away readiness says what is declared, and liveness does not flip."""
    judge(outcomes.while_gone, needed)


@pytest.mark.row("I6")
@pytest.mark.fault("returns", judged="dies")
def test_follows_outage(judge, needed):
    """Readiness follows within the declared time when the service goes, and again when it is back."""
    judge(recovery.follows_in_time, needed)


@pytest.mark.row("I6")
@pytest.mark.fault("returns")
def test_requests_end_in_outage(judge, needed):
    """Every request which is made while the service is away ends: nobody waits for ever."""
    judge(recovery.ends_all_requests, needed)


@pytest.mark.row("I2")
@pytest.mark.performance
@pytest.mark.fault("returns")
def test_pool_after_outage(judge, needed):
    """Once the service is back, its pool hands out as many connections as it promises."""
    judge(recovery.pool_recovers, needed)


@pytest.mark.row("I6", "I2")
@pytest.mark.websocket
@pytest.mark.fault("returns")
def test_use_after_outage(judge, needed):
    """Once the service is back, every journey can be made and every event is delivered."""
    judge(recovery.works_again, needed)


@pytest.mark.row("I6", "I7")
@pytest.mark.fault("stalls")
def test_readiness_in_stall(judge, needed):
    """While the service hangs readiness says what is declared, and liveness does not flip."""
    judge(outcomes.while_gone, needed)


@pytest.mark.row("I6")
@pytest.mark.fault("stalls")
def test_follows_stall(judge, needed):
    """Readiness follows within the declared time when the service hangs, and again when it answers."""
    judge(recovery.follows_in_time, needed)


@pytest.mark.row("I6")
@pytest.mark.fault("stalls")
def test_requests_end_in_stall(judge, needed):
    """Every request which is made while the service hangs ends: nobody waits for ever."""
    judge(recovery.ends_all_requests, needed)


@pytest.mark.row("I2")
@pytest.mark.performance
@pytest.mark.fault("stalls")
def test_pool_after_stall(judge, needed):
    """Once the service answers again, its pool hands out as many connections as it promises."""
    judge(recovery.pool_recovers, needed)


@pytest.mark.row("I6", "I2")
@pytest.mark.websocket
@pytest.mark.fault("stalls")
def test_use_after_stall(judge, needed):
    """Once the service answers again, every journey can be made and every event is delivered."""
    judge(recovery.works_again, needed)
