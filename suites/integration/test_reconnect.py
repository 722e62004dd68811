"""Does everybody who loses the connection get the rest, and go on where that was?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import backoff as backoffs
from pytest_startup.checks import keeping, returning

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.error_recovery,
    pytest.mark.boot(exercise="reconnect"),
]


@pytest.mark.row("W17")
@pytest.mark.chat_events
def test_turn_goes_on(judge, loss):
    """Whoever loses the connection in a turn gets its rest after the return: in order, nothing lost, nothing twice."""
    judge(returning.turn, loss)


@pytest.mark.row("W17")
def test_queue_after_loss(judge, queue):
    """What is sent to a user who is away comes after the return: all of it, in its order, once, and to nobody else."""
    judge(returning.queue, queue)


@pytest.mark.row("I17")
def test_queue_after_start(judge, queued):
    """What is sent to the very first user, who is cut off at once, is delivered after the return, or refused."""
    judge(returning.queue_after_start, queued)


@pytest.mark.row("W19")
def test_state_after_return(judge, state):
    """Whoever comes back goes on where the connection was lost."""
    judge(returning.state, state)


@pytest.mark.row("W19")
def test_backoff_refuses(judge, backoff):
    """Who comes back too often is refused and told a pause, which grows when it is not kept."""
    judge(backoffs.refuses, backoff)


@pytest.mark.row("W19")
def test_backoff_ends(judge, backoff):
    """Who waits as told is let in."""
    judge(backoffs.ends, backoff)


@pytest.mark.row("W19")
@pytest.mark.multi_user
def test_backoff_of_each_user(judge, backoff):
    """Somebody else is let in while one who came too often is refused."""
    judge(backoffs.spares_others, backoff)


@pytest.mark.row("W20")
def test_overflow(judge, buffer):
    """Of too many messages to a user who is away as many come as are kept, the right ones; and all to another one."""
    judge(keeping.bounded, buffer)


@pytest.mark.row("W20")
def test_priorities_are_kept(judge, priority):
    """What has priority is not dropped."""
    judge(keeping.prefers, priority)


@pytest.mark.row("W20")
def test_loss_is_told(judge, told):
    """Whoever lost messages is told so, and nobody else."""
    judge(keeping.tells, told)


@pytest.mark.row("W24")
def test_unconfirmed(judge, confirmed):
    """What its user has not confirmed comes again, once at each return, whatever others confirm."""
    judge(keeping.again, confirmed)


@pytest.mark.row("W24")
def test_confirmed(judge, confirmed):
    """What its user has confirmed never comes again."""
    judge(keeping.no_more, confirmed)


@pytest.mark.row("C12", "I17")
@pytest.mark.multi_user
@pytest.mark.performance
def test_storm_of_returns(judge, storm):
    """Many users who lose their connections in one moment and come back in one moment each get what is theirs."""
    judge(returning.all_at_once, storm)
