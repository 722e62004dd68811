"""Does it notice who is gone, and nobody else?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import heartbeats

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.boot(exercise="heartbeats"),
]


@pytest.mark.row("W2", "C14")
def test_heartbeat_pace(judge, heartbeat):
    """Every connection has heartbeats at their pace, those too which come after another one has ended."""
    judge(heartbeats.paced, heartbeat)


@pytest.mark.row("W2", "C14")
def test_quiet_client_stays(judge, heartbeat):
    """Nobody is thrown out who answers heartbeats, and says nothing else."""
    judge(heartbeats.keeps_living, heartbeat)


@pytest.mark.row("W25", "W2")
@pytest.mark.error_recovery
def test_dead_peer_is_found(judge, heartbeat):
    """A connection on which nobody answers is closed in its time, and counted no more."""
    judge(heartbeats.finds_dead, heartbeat)


@pytest.mark.row("W25")
@pytest.mark.error_recovery
def test_beside_a_dead_peer(judge, heartbeat):
    """What is sent to a user with a dead connection comes to their living one at once, and once."""
    judge(heartbeats.unharmed, heartbeat)
