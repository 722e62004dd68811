"""The services that all runs of the table share."""

from __future__ import annotations

import pytest

from pytest_startup.clock import Deadline
from pytest_startup.services.session import Keeper


@pytest.fixture(scope="session")
def servers(startup_keeper: Keeper) -> list[str]:
    """The options by which a run uses the Postgres and the Redis of this session; it makes its own databases there."""
    deadline = Deadline.after(60, "the services of the table")
    startup_keeper.warm(["postgres", "redis"], deadline)
    postgres, redis = startup_keeper.postgres(deadline), startup_keeper.redis(deadline)
    return ["--startup-postgres-url", postgres.url(), "--startup-redis-url", redis.url()]
