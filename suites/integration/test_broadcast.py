"""Does a broadcast come to all who must get it, also when it is in the midst of a restart?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import broadcasts, restarts

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.multi_user,
    pytest.mark.boot(exercise="broadcasts"),
]


@pytest.mark.row("W22", "W23")
def test_broadcast_comes_to_all(judge, broadcast):
    """Every socket of everybody for whom a broadcast is gets it once, in time."""
    judge(broadcasts.reaches, broadcast)


@pytest.mark.row("W23")
def test_broadcast_comes_to_nobody_else(judge, broadcast):
    """Nobody gets a broadcast that is not for them."""
    judge(broadcasts.spares, broadcast)


@pytest.mark.row("W22")
def test_broadcasts_keep_their_order(judge, broadcast):
    """Broadcasts come to all sockets in the order in which they were sent."""
    judge(broadcasts.in_order, broadcast)


@pytest.mark.row("W22")
@pytest.mark.performance
def test_broadcast_passes_a_stalled_socket(judge, broadcast):
    """Somebody who does not read what they are sent holds up nobody else."""
    judge(broadcasts.passes_stalled, broadcast)


@pytest.mark.row("C15")
@pytest.mark.error_recovery
def test_restart_closes_sockets(judge, restarted):
    """When the application stops in the midst of broadcasts, every socket is closed by a code that says why."""
    judge(restarts.ends_cleanly, restarted)


@pytest.mark.row("C15")
@pytest.mark.error_recovery
def test_broadcasts_until_the_restart(judge, restarted):
    """Until the application stops, broadcasts come to every socket once, and none is left out."""
    judge(restarts.stays_whole, restarted)


@pytest.mark.row("C15")
@pytest.mark.error_recovery
def test_broadcasts_after_the_restart(judge, restarted):
    """After the restart everybody can connect again, and gets what is sent then."""
    judge(restarts.comes_back, restarted)
