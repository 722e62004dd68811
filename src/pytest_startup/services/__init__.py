"""The services that an application needs: real servers, each started once per run, fresh for each boot.

    with Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), deadline) as keeper:
        database = keeper.postgres(deadline)

What is named here is the face; the rest runs in the keeper, one process of its own which hosts the servers and clears
up after the run, however the run ends.
"""

from pytest_startup.services.endpoints import Choice, Endpoint, ServiceOptions
from pytest_startup.services.errors import KeeperLost, TemplateFailed, UnknownProvider
from pytest_startup.services.places import new_session_id
from pytest_startup.services.session import Keeper, end_session

__all__ = [
    "Choice",
    "Endpoint",
    "Keeper",
    "KeeperLost",
    "ServiceOptions",
    "TemplateFailed",
    "UnknownProvider",
    "end_session",
    "new_session_id",
]
