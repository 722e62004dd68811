"""The services that the runs of the table share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pytest_startup.clock import Deadline
from pytest_startup.services import Keeper, ServiceOptions, new_session_id


@pytest.fixture(scope="session")
def session() -> Iterator[str]:
    """The session whose services every run of the table joins, so that none has to start its own."""
    joining = Deadline.after(60, "the services of the table")
    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper:
        yield keeper.place.session_id
