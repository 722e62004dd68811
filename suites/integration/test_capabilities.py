"""Can the application do what it is there for, with services that are real? And has it done what it says?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import journeys, pools, wiring

pytestmark = [pytest.mark.real_services, pytest.mark.startup]


@pytest.mark.row("I3", "I8")
@pytest.mark.boot(exercise="use")
def test_capability(judge, journey):
    """The journey can be made, and what it should have done is found by a connection of our own."""
    judge(journeys.completes, journey)


@pytest.mark.row("I5")
def test_component_is_filled(judge, filled):
    """What must not be empty has something in it: agents in their registry, say."""
    judge(wiring.component, filled)


@pytest.mark.row("I2")
@pytest.mark.performance
@pytest.mark.boot(exercise="use")
def test_pool_is_warm(judge, service):
    """The pool is filled before the first user needs it."""
    judge(pools.has_its_size, service)


@pytest.mark.row("I2")
@pytest.mark.performance
@pytest.mark.boot(exercise="use")
def test_pool_serves_at_once(judge, service):
    """As many uses at once as the pool promises all succeed."""
    judge(pools.hands_out, service)
