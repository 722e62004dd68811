"""Does what the application sends really arrive, at the right user and there alone?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import deliveries

pytestmark = [
    pytest.mark.mission_critical,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.boot(exercise="use"),
]


@pytest.mark.row("M3", "M5")
@pytest.mark.multi_user
def test_delivery(judge, delivery):
    """An event that is put in inside the process arrives at the socket of its user: in time, once, nowhere else."""
    judge(deliveries.arrives, delivery)


@pytest.mark.row("F2")
def test_synthetic_recipient(judge, recipient):
    """An event for a recipient of self-checks who is not there raises nothing and is not told as a loss."""
    judge(deliveries.passes_over, recipient)


@pytest.mark.row("F2")
def test_undeliverable(judge, delivery):
    """An event for a real recipient who is not there is told."""
    judge(deliveries.tells_losses, delivery)
