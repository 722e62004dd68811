"""Is everybody served, when many come at once in the first moment?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import users as checks

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.multi_user,
    pytest.mark.boot(exercise="crowd"),
]


@pytest.mark.row("I10", "E1", "E2", "E3", "E4", "E5")
@pytest.mark.chat_events
def test_users_at_once(judge, users):
    """Each of many users who ask at the same moment gets all events of its own turn: none lost, late or crossed."""
    judge(checks.served, users)


@pytest.mark.row("I10")
def test_users_apart(judge, users):
    """No two turns have one id of a run."""
    judge(checks.apart, users)


@pytest.mark.row("I10")
def test_users_fairly(judge, users):
    """Nobody waits for the first event while all others are served."""
    judge(checks.fairly, users)


@pytest.mark.row("C3", "I10", "I17")
def test_first_users(judge, seed, users):
    """None of the very first users fails, who log in, connect and ask at once as soon as it is ready."""
    del seed  # it shuffles the order in which they are served, in a boot with a database of its own
    judge(checks.first, users)


@pytest.mark.row("C3")
def test_one_name(judge, seed, users):
    """Of several who want one name at the same moment one has it, and the others are told so."""
    del seed  # as above
    judge(checks.one_name, users)
