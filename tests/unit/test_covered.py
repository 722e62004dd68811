"""What CI makes of the result of a layer: one that was skipped is no layer that passed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / ".ci" / "covered"
REAL = ["postgres: Postgres 17.6 (docker, postgres:17-alpine)", "redis: Redis 7.4.2 (docker, redis:7-alpine)"]


def judged(verdict: str, words: str = "") -> dict[str, str]:
    """Return a test as it stands in a result."""
    return {"id": "suites/test_x.py::test_x", "verdict": verdict, "words": words}


CASES: dict[str, tuple[list[dict[str, str]], list[str], str]] = {
    "passed": ([judged("passed"), judged("not covered", "declared as not there")], REAL, ""),
    "skipped": ([judged("passed"), judged("not run", "needs services")], REAL, "was not run: suites/test_x.py::test_x"),
    "nothing": ([], REAL, "only 0 tests have passed; 1 are what this layer has at least"),
    "not covered alone": ([judged("not covered", "no services")], REAL, "only 0 tests have passed"),
    "other services": (
        [judged("passed")],
        [REAL[0], "redis: Valkey 9.1.0 (embedded)"],
        "did not come out of a container: redis: Valkey 9.1.0 (embedded)",
    ),
    "no services": ([judged("passed")], REAL[:1], "did not come out of a container: redis: not there"),
}


@pytest.mark.parametrize(("tests", "services", "said"), CASES.values(), ids=CASES)
def test_covered(tmp_path: Path, tests: list[Any], services: list[str], said: str):
    """It fails for whatever was not judged, was judged too little, or by other services than real ones."""
    result = tmp_path / "result.json"
    result.write_text(json.dumps({"tests": tests, "services": services}))
    done = subprocess.run([sys.executable, SCRIPT, result, "1"], capture_output=True, text=True, check=False)
    assert (1 if said else 0) == done.returncode
    assert said in done.stdout
