"""Does the whole of it start against real services, and start again on what it has left there?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import repeating, services, started, stopped

pytestmark = [pytest.mark.real_services, pytest.mark.startup, pytest.mark.row("I1", "P2")]


def test_real_start_becomes_ready(judge):
    """With an empty database and an empty cache, as the contract says, the application becomes ready and stays up."""
    judge(started.becomes_ready)


def test_real_start_tells_its_failures(judge):
    """An error reaches the exit code and the log; none is swallowed."""
    judge(started.tells_its_failures)


def test_real_start_in_time(judge):
    """It is ready within startup.max_seconds, real services and all."""
    judge(started.ready_in_time)


def test_real_service_answers(judge, service):
    """A service is used through the application's own component, and seen on the wire to it."""
    judge(services.answers, service)


def test_real_stop_closes_its_connections(judge):
    """No connection to a service outlives the shutdown: real ones run out of them."""
    judge(stopped.closes_its_connections)


@pytest.mark.boot(again=True)
def test_restart_on_its_own_data(judge):
    """After a good start and a stop, the next start on the same data becomes ready too."""
    judge(repeating.restarts)
