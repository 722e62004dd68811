"""Does a start that is disturbed as a whole do what it should?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import port, repeating

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup]


@pytest.mark.row("M9")
@pytest.mark.fault("twice")
def test_starting_twice_at_once(judge):
    """A lifespan that begins while another one does so finds everything done, and does nothing again."""
    judge(repeating.starts_once)


@pytest.mark.row("M17", "M18")
@pytest.mark.boot(lifespans=5)
def test_nothing_piles_up(judge):
    """Start and shutdown, several times in one process, leave no memory, descriptor, thread or task behind."""
    judge(repeating.does_not_pile_up)


@pytest.mark.row("M15")
@pytest.mark.error_recovery
@pytest.mark.fault("port-taken")
def test_taken_port_is_told(judge):
    """Where the port belongs to somebody else, the process ends with an error, and the log says why."""
    judge(port.is_refused)


@pytest.mark.row("C8")
@pytest.mark.error_recovery
@pytest.mark.fault("port-raced")
def test_port_race_has_one_winner(judge):
    """Of two instances that start at the same moment for one port, one serves, and the other ends and says why."""
    judge(port.race_has_one_winner)
