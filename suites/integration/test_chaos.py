"""What becomes of a startup when its services are not well, or only now and then? What the contract says."""

from __future__ import annotations

import pytest

from pytest_startup.checks import chaos as check
from pytest_startup.checks import outcomes

pytestmark = [pytest.mark.real_services, pytest.mark.startup, pytest.mark.error_recovery]


@pytest.mark.row("I7")
@pytest.mark.fault("absent")
def test_absent_server(judge, server):
    """Nobody listens where the server should be."""
    judge(outcomes.is_declared, server)


@pytest.mark.row("I7")
@pytest.mark.fault("silent")
def test_silent_server(judge, server):
    """The server accepts connections and never answers."""
    judge(outcomes.is_declared, server)


@pytest.mark.row("I7", "I15")
@pytest.mark.fault("slow", seconds=0.05)
def test_slow_server(judge, server):
    """Every answer of the server comes 50 ms later."""
    judge(outcomes.is_declared, server)


@pytest.mark.row("I7")
@pytest.mark.fault("wrong-credentials")
def test_wrong_credentials_of_server(judge, server):
    """The server does not know the password."""
    judge(outcomes.is_declared, server)


@pytest.mark.row("I15")
def test_comes_through(judge, chaos):
    """Services are slow, silent, refuse and break off for moments: the start comes through, or ends and says why."""
    judge(check.is_weathered, chaos)


@pytest.mark.row("I15")
def test_trouble_is_met(judge, chaos, service):  # noqa: ARG001 - which boot it is
    """The trouble was real: the schedule of each service has met its traffic."""
    judge(check.is_met, service)
