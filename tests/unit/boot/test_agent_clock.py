"""The clock of the agent: whatever moves the time of the application moves none of ours."""

from __future__ import annotations

import re

import pytest

from pytest_startup.boot.plan import AGENT

MODULES = sorted(path.name for path in AGENT.glob("*.py") if path.name != "clock.py")


@pytest.mark.parametrize("name", MODULES)
def test_the_real_clock(name: str):
    """Nobody asks `time` for the time but the module that keeps the real one."""
    assert not re.search(r"\btime\.(monotonic|time|perf_counter)\b", (AGENT / name).read_text())
