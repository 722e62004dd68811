"""What does the startup take?"""

from __future__ import annotations

import pytest

from pytest_startup.checks import memory

pytestmark = [pytest.mark.mission_critical, pytest.mark.startup]


@pytest.mark.row("M17")
def test_phase_memory(judge, weighed):
    """A phase makes the process grow by no more than its max_mib."""
    judge(memory.of_phase, weighed)


@pytest.mark.row("M17")
def test_memory_when_ready(judge):
    """A ready application holds no more memory than startup.max_mib."""
    judge(memory.when_ready)
