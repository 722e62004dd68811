"""Does it bear many who connect in one moment?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import upgrades as checks

pytestmark = [
    pytest.mark.real_services,
    pytest.mark.startup,
    pytest.mark.websocket,
    pytest.mark.multi_user,
    pytest.mark.performance,
    pytest.mark.boot(exercise="upgrading"),
]


@pytest.mark.row("C11")
def test_upgrades_at_once(judge, upgrades):
    """Each of many sockets that are asked for in one moment is accepted, or refused in so many words."""
    judge(checks.answered, upgrades)


@pytest.mark.row("C11")
@pytest.mark.error_recovery
def test_after_many_upgrades(judge, upgrades):
    """Somebody is served once all of them have left, and they are counted no more."""
    judge(checks.recovers, upgrades)
