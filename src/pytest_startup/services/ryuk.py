"""Ryuk, the reaper of testcontainers: a container which removes the others when whoever made them is gone.

A second line of defence, for the day on which keeper, guardian and owner all vanish at once. It is used where its image
is here already, and never pulled: what it adds is not worth waiting for.
"""

from __future__ import annotations

import threading
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testcontainers.core.docker_client import DockerClient

RECONNECTION = "2s"
"""How long it waits for whoever made the containers to come back (Go's duration): nothing is left after 5 s."""

_starting = threading.Lock()


def prepare(client: DockerClient) -> None:
    """Have Ryuk started, once, before the first container is made; without it, testcontainers is told to do without."""
    from testcontainers.core.config import testcontainers_config as config  # noqa: PLC0415  # as above
    from testcontainers.core.container import Reaper  # noqa: PLC0415  # as above

    from pytest_startup.services.daemon import has_image  # noqa: PLC0415  # which is only imported with docker

    with _starting:  # of two containers at once, each would start one
        if config.ryuk_disabled:
            return
        try:
            if has_image(client, config.ryuk_image):
                config.ryuk_reconnection_timeout = RECONNECTION
                Reaper.get_instance()
                return
        except Exception:  # noqa: BLE001  # a reaper that cannot be had is no reason to do without services
            traceback.print_exc()
        config.ryuk_disabled = True


def dismiss() -> None:
    """End Ryuk, if it was started: nothing is left to reap."""
    from testcontainers.core.container import Reaper  # noqa: PLC0415  # imported already, when there is anything to end

    with _starting:
        Reaper.delete_instance()
