"""Postgres and Redis in containers, proven ready: ours, against plain testcontainers for the same pair.

    python benchmarks/containers.py [pairs]

Ours: a keeper that starts, both at once, in memory, until a login works in each, with a fresh database and an empty
index; and all taken away again. Plain: `PostgresContainer` and `RedisContainer` with their defaults, one after the
other, as their documentation shows them; and stopped again. The same images on the same machine; only the time until
both are ready counts. Ryuk is off in both, and so it is compared what containers cost, not their reaper.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from pathlib import Path

from pairs import interleave, report

sys.path.insert(0, str(Path(__file__).parents[1]))
os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")

from testcontainers.community.postgres import PostgresContainer  # which reads the environment
from testcontainers.community.redis import RedisContainer
from tests.services.machine import Images, chosen_images

from pytest_startup.clock import Deadline
from pytest_startup.services import Keeper, new_session_id

SECONDS = 120.0


def ours(images: Images) -> float:
    """Return the seconds until a database and an index can be used."""
    deadline = Deadline.after(SECONDS, "our containers")
    began = time.monotonic()
    with Keeper.join(new_session_id(), os.getpid(), images.options(), deadline) as keeper:
        keeper.warm(["postgres", "redis"], deadline)
        keeper.postgres(deadline)
        keeper.redis(deadline)
        return time.monotonic() - began


def plain(images: Images) -> float:
    """Return the seconds until both containers say that they are ready."""
    began = time.monotonic()
    with PostgresContainer(images.postgres), RedisContainer(images.redis):
        return time.monotonic() - began


def main() -> None:
    """Measure and print."""
    warnings.simplefilter("ignore")
    count, images = int(sys.argv[1]) if len(sys.argv) > 1 else 10, chosen_images()
    print(f"images: {images.postgres}, {images.redis}")
    report(
        "Postgres and Redis in containers, ours against plain testcontainers",
        "s",
        interleave(count, lambda: ours(images), lambda: plain(images)),
    )


if __name__ == "__main__":
    main()
