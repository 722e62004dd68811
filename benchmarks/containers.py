"""Postgres and Redis in containers, proven ready: ours, against plain testcontainers for the same pair.

    python benchmarks/containers.py [pairs]

Ours: a keeper that starts, both at once, in memory, until a login works in each, with a fresh database and an empty
index; and all taken away again. Plain: `PostgresContainer` and `RedisContainer` with their defaults, one after the
other, as their documentation shows them; and stopped again. Each is a Python process of its own, as a run of tests is,
and what counts is the time from its start until both are ready. The same images on the same machine. Ryuk is off in
both, and so it is compared what containers cost, not their reaper.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from pairs import interleave, report

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.services.machine import chosen_images

ROOT = Path(__file__).parents[1]
SECONDS = 120.0

OURS = """
import os, time
from pytest_startup.clock import Deadline
from pytest_startup.services import Keeper, new_session_id
from tests.services.machine import chosen_images

deadline = Deadline.after(SECONDS, "our containers")
with Keeper.join(new_session_id(), os.getpid(), chosen_images().options(), deadline) as keeper:
    keeper.warm(["postgres", "redis"], deadline)
    keeper.postgres(deadline)
    keeper.redis(deadline)
    print(time.monotonic())
"""
PLAIN = """
import time
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer

with PostgresContainer("POSTGRES"), RedisContainer("REDIS"):
    print(time.monotonic())
"""
"""Both print the moment at which both servers are ready; the clock is the same in every process."""


def ready_after(program: str) -> float:
    """Return the seconds from the start of a process until it says that both are ready."""
    images = chosen_images()
    for name, value in (("SECONDS", str(SECONDS)), ("POSTGRES", images.postgres), ("REDIS", images.redis)):
        program = program.replace(name, value)
    env = {"TESTCONTAINERS_RYUK_DISABLED": "true", **os.environ, "PYTHONPATH": str(ROOT)}
    began = time.monotonic()
    command = [sys.executable, "-W", "ignore", "-c", program]
    said = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, timeout=SECONDS, check=True).stdout
    return float(said) - began


def main() -> None:
    """Measure and print."""
    count, images = int(sys.argv[1]) if len(sys.argv) > 1 else 10, chosen_images()
    print(f"images: {images.postgres}, {images.redis}")
    report(
        "Postgres and Redis in containers, ours against plain testcontainers",
        "s",
        interleave(count, lambda: ready_after(OURS), lambda: ready_after(PLAIN)),
    )


if __name__ == "__main__":
    main()
