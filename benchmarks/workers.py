"""What a second worker brings: the mission critical layer on the example with `-n 2`, against without xdist.

    python benchmarks/workers.py [pairs]

A run without workers boots side by side already; on two cores there is little left for a second process to use.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from pairs import interleave, report

ROOT = Path(__file__).parents[1]


def seconds(*options: str) -> float:
    """Return the seconds that one run takes; raises `CalledProcessError` when a test of it fails."""
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-m", "mission_critical", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.monotonic() - began


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    report("mission critical, -n 2 against none", "s", interleave(count, lambda: seconds("-n", "2"), seconds))


if __name__ == "__main__":
    main()
