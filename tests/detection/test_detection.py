"""Every fault is found by exactly the tests that its row names, and no benign variant raises an alarm."""

from __future__ import annotations

from pathlib import Path

import pytest

from .runs import contract, difference, judge
from .table import CONTRACT, TABLE


@pytest.mark.parametrize(("fault", "expected"), TABLE.items(), ids=TABLE)
def test_detection(fault: str, expected: set[str], session: str, tmp_path: Path):
    """A real run of the shipped suite against the fault fails where the table says, and nowhere else."""
    result = judge(tmp_path, contract(fault, CONTRACT.get(fault, {})), ["-m", "smoke"], session)
    different = difference(expected, result)
    if different:
        pytest.fail(f"{fault}:\n{different}\n\n{result.output}", pytrace=False)
