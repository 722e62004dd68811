"""Does its WebSocket hold, whatever users do with it: many at once, badly behaved, gone without a word?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import connections, frames, own_runs

pytestmark = [
    pytest.mark.mission_critical,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.boot(exercise="sockets"),
]


@pytest.mark.row("W1")
@pytest.mark.multi_user
def test_users_come_and_go(judge, gathered):
    """While many users with several sockets each come and go at once, every socket serves its user, and no other."""
    judge(connections.gathering, gathered)


@pytest.mark.row("W1")
@pytest.mark.multi_user
def test_connections_are_counted(judge, counted):
    """The number of open connections is right whenever all who came and went at the same time are at rest."""
    judge(connections.counted, counted)


@pytest.mark.row("W3")
@pytest.mark.multi_user
@pytest.mark.security
def test_manager_of_each_user(judge, made):
    """Each user is given a manager of their own, of which no other user has any part."""
    judge(connections.isolated, made)


@pytest.mark.row("W4")
def test_connection_limit(judge, socket_limit):
    """One connection too many is refused, the others live, and once one has left another is let in."""
    judge(connections.limited, socket_limit)


@pytest.mark.row("W4")
@pytest.mark.multi_user
def test_connections_of_each_user(judge, socket_limit):
    """Another user is let in while one has as many connections as one may have."""
    judge(connections.limited_each, socket_limit)


@pytest.mark.row("W5")
@pytest.mark.error_recovery
def test_end_of_connection(judge, end):
    """However a connection ends, nothing is left of it in a moment, and those of others go on."""
    judge(connections.ended, end)


@pytest.mark.row("W13")
def test_route(judge, route):
    """A message is answered as its type says."""
    judge(frames.routed, route)


@pytest.mark.row("W14")
@pytest.mark.error_recovery
@pytest.mark.security
def test_bad_payload(judge, payload):
    """A message which is no good gets an error frame, its socket stays, and nobody else notices."""
    judge(frames.refused, payload)


@pytest.mark.row("W5", "W14")
@pytest.mark.error_recovery
@pytest.mark.security
def test_malformed(judge, malformed):
    """What breaks the protocol ends in a clean close or an error frame, what is only unusual is understood."""
    judge(frames.malformed, malformed)


@pytest.mark.row("W15")
@pytest.mark.error_recovery
def test_agents_settle(judge, settling):
    """What agents have under way comes to its end, also when the user who asked has left in the midst of it."""
    judge(own_runs.settled, settling)


@pytest.mark.row("W16")
@pytest.mark.multi_user
@pytest.mark.security
def test_user_of_connection(judge, spoofed):
    """A frame which names another user is refused, or is the asker's own: nothing comes to the other, or is kept so."""
    judge(own_runs.own, spoofed)
