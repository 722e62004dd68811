"""Every fault of the boot under fault is found by exactly the tests that its row names."""

from __future__ import annotations

from pathlib import Path

import pytest

from .mission import LAYER, ROWS, Row
from .runs import contract, difference, judge


@pytest.fixture
def postgres(servers: list[str]) -> list[str]:
    """The options by which a run uses the Postgres of this session.

    Not the index of its Redis: a run boots several at once, and to start a Redis costs nothing.
    """
    at = servers.index("--startup-postgres-url")
    return servers[at : at + 2]


@pytest.mark.parametrize(("fault", "row"), ROWS.items(), ids=ROWS)
def test_mission(fault: str, row: Row, postgres: list[str], tmp_path: Path):
    """A real run of these tests of the shipped suite fails where the row says, and passes where it says so."""
    result = judge(tmp_path, contract(f"mission.{fault}", row.changes), [*postgres, *row.options], LAYER)
    different = difference(row.fails, result)
    if different or row.passes != set(result.passed):
        pytest.fail(f"{fault}: passed: {sorted(result.passed)}\n{different}\n\n{result.output}", pytrace=False)
