"""Every fault of a boot of its own is found by exactly the tests that its row names."""

from __future__ import annotations

from pathlib import Path

import pytest

from . import integration, mission
from .chosen import Row
from .runs import contract, difference, judge

LAYERS = {
    "mission": (mission.ROWS, ["-m", "mission_critical"]),
    "integration": (integration.ROWS, ["-m", "real_services", "--real-services", "--startup-provider=embedded"]),
}
"""Directory below tests/faults -> the rows of its faults, and the options by which their layer is run."""

ALL = [(f"{layer}.{name}", row, options) for layer, (rows, options) in LAYERS.items() for name, row in rows.items()]


@pytest.mark.parametrize(("fault", "row", "layer"), ALL, ids=[name for name, *_ in ALL])
def test_boot(fault: str, row: Row, layer: list[str], session: str, tmp_path: Path):
    """A real run of these tests of the shipped suite fails where the row says, and passes where it says so."""
    result = judge(tmp_path, contract(fault, row.changes, row.fails | row.passes), [*layer, *row.options], session)
    different = difference(row.fails, result)
    if different or row.passes != set(result.passed):
        pytest.fail(f"{fault}: passed: {sorted(result.passed)}\n{different}\n\n{result.output}", pytrace=False)
