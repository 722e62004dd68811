"""Every fault of a boot of its own is found by exactly the tests that its row names."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import integration, mission
from .chosen import Row
from .runs import contract, difference, judge

LAYERS = {"mission": (mission.ROWS, "mission_critical"), "integration": (integration.ROWS, "real_services")}
"""Directory below tests/faults -> the rows of its faults, and the marker of their layer."""

ALL = [(f"{layer}.{name}", row, marker) for layer, (rows, marker) in LAYERS.items() for name, row in rows.items()]


@pytest.fixture
def postgres(servers: list[str]) -> list[str]:
    """The options by which a run uses the Postgres of this session.

    Not the index of its Redis: a run boots several at once, and to start a Redis costs nothing.
    """
    at = servers.index("--startup-postgres-url")
    return servers[at : at + 2]


@pytest.mark.parametrize(("fault", "row", "marker"), ALL, ids=[name for name, *_ in ALL])
def test_boot(fault: str, row: Row, marker: str, postgres: list[str], tmp_path: Path):
    """A real run of these tests of the shipped suite fails where the row says, and passes where it says so."""
    options = [*postgres, "--startup-provider", "embedded", *row.options]
    result = judge(tmp_path, contract(fault, row.changes), options, marker)
    different = difference(row.fails, result)
    if different or row.passes != set(result.passed):
        pytest.fail(f"{fault}: passed: {sorted(result.passed)}\n{different}\n\n{result.output}", pytrace=False)
