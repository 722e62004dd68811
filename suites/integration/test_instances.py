"""Do two instances which start at the same moment on the same services get along?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import instances, retrying, storms

pytestmark = [pytest.mark.real_services, pytest.mark.startup]


@pytest.mark.row("C2")
@pytest.mark.boot(pair=True)
def test_both_instances_start(judge):
    """Of two instances which start at the same moment both become ready, their phases in order."""
    judge(instances.both_start)


@pytest.mark.row("C2")
@pytest.mark.boot(pair=True)
def test_no_lock_is_left(judge, database):
    """Once both are ready nobody holds a lock of the start, or a transaction, in their database any more."""
    judge(instances.leave_no_lock, database)


@pytest.mark.row("C2")
@pytest.mark.boot(pair=True)
def test_pair_leaves_same_schema(judge, database):
    """Two instances which start at once leave the tables which one alone leaves."""
    judge(instances.leave_schema_of_one, database)


@pytest.mark.row("C1")
@pytest.mark.performance
@pytest.mark.boot(pair=True)
def test_pools_of_both(judge, service):
    """Both can use their pools to the full at the same time, as soon as they are ready."""
    judge(instances.hand_out, service)


@pytest.mark.row("C18")
@pytest.mark.multi_user
@pytest.mark.security
@pytest.mark.boot(pair=True)
def test_users_of_both(judge, journey):
    """Many users at once are served, whichever of two instances had their step before."""
    judge(instances.share_users, journey)


@pytest.mark.row("C5")
@pytest.mark.error_recovery
@pytest.mark.fault("late", seconds=2.5)
@pytest.mark.boot(pair=True)
def test_backoff(judge, database):
    """Who waits for the database asks again, not too often, and with growing pauses where they must."""
    judge(retrying.is_patient, database)


@pytest.mark.row("C5")
@pytest.mark.error_recovery
@pytest.mark.fault("late", seconds=2.5)
@pytest.mark.boot(pair=True)
def test_jitter(judge, database):
    """Two instances which wait for the database do not come back to it in step."""
    judge(storms.are_scattered, database)


@pytest.mark.row("C5")
@pytest.mark.error_recovery
@pytest.mark.performance
@pytest.mark.fault("late", seconds=2.5)
@pytest.mark.boot(pair=True)
def test_return_of_the_database(judge, database):
    """Once the database is back, each instance opens no more connections than its pool may have."""
    judge(storms.stay_bounded, database)
