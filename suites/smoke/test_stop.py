"""Does it stop when it is asked to, and leave nothing behind?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import stopped

pytestmark = [pytest.mark.smoke, pytest.mark.startup, pytest.mark.row("M18")]


def test_stops(judge):
    """SIGTERM ends it, in its time, without an error."""
    judge(stopped.stops)


def test_leaves_nothing_behind(judge):
    """No process and no open port outlives it."""
    judge(stopped.leaves_nothing)


def test_closes_its_connections(judge):
    """No connection to a service outlives its shutdown."""
    judge(stopped.closes_its_connections)


def test_ends_its_tasks(judge):
    """No asyncio task of its own outlives its shutdown."""
    judge(stopped.ends_its_tasks)
