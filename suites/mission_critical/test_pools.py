"""Are the pools of connections filled, and do they give what they promise?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import pools

pytestmark = [
    pytest.mark.mission_critical,
    pytest.mark.startup,
    pytest.mark.performance,
    pytest.mark.row("M16"),
    pytest.mark.boot(exercise="use"),
]


def test_pool_has_its_size(judge, service):
    """As many connections are open once the application is ready as its pool should have."""
    judge(pools.has_its_size, service)


def test_pool_hands_out_connections(judge, service):
    """As many uses at once as the pool promises all succeed, with no more connections than it may have."""
    judge(pools.hands_out, service)
