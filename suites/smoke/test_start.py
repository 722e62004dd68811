"""Does it start at all, in its time, as itself?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import log, started

pytestmark = [pytest.mark.smoke, pytest.mark.startup]


@pytest.mark.row("S7")
def test_becomes_ready(judge):
    """From nothing, the application becomes ready and stays up."""
    judge(started.becomes_ready)


@pytest.mark.row("S6")
def test_tells_its_failures(judge):
    """An error reaches the exit code and the log; none is swallowed."""
    judge(started.tells_its_failures)


@pytest.mark.row("M19")
def test_ready_in_time(judge):
    """It is ready within startup.max_seconds."""
    judge(started.ready_in_time)


@pytest.mark.row("S7")
def test_event_loop_turns(judge):
    """No blocking call makes everything stand still while it starts."""
    judge(started.loop_turns)


@pytest.mark.row("S7")
def test_reaches_only_what_is_declared(judge):
    """It connects to nothing that the contract does not declare."""
    judge(started.stays_inside)


@pytest.mark.row("S7")
def test_does_not_notice_the_test(judge):
    """No test framework is loaded in its process."""
    judge(started.does_not_notice)


@pytest.mark.row("S7")
def test_answers_itself(judge):
    """Behind the port is the process that was started."""
    judge(started.answers_itself)


@pytest.mark.row("S7", "F5")
def test_log_is_free_of(judge, pattern):
    """No line of its log is one that a healthy start cannot have."""
    judge(log.is_free_of, pattern)
