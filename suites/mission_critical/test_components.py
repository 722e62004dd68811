"""Does every component come to be in its phase, in its time, and in its order?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import components

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup]


@pytest.mark.row("M3", "M5")
def test_component_is_provided(judge, provided):
    """A component is there when the phase that provides it is over, before anything comes after that."""
    judge(components.is_provided, provided)


@pytest.mark.row("F4")
def test_component_in_time(judge, timed):
    """A component is there within its time from the beginning of its phase."""
    judge(components.in_time, timed)


@pytest.mark.row("F1", "M3")
def test_component_order(judge, succession):
    """A component is there before one that comes after it."""
    judge(components.follows, succession)
