"""The order of the layers, and the layer that needs real services."""

from __future__ import annotations

import pytest

LAYERED = """
import pytest

def test_first(): pass
@pytest.mark.real_services
def test_real(): pass
@pytest.mark.mission_critical
def test_critical(): pass
@pytest.mark.smoke
def test_smoke(): pass
@pytest.mark.smoke
@pytest.mark.real_services
def test_real_smoke(): pass
def test_last(): pass
@pytest.mark.smoke
def test_smoke_too(): pass
"""


@pytest.fixture
def layered(project: pytest.Pytester) -> pytest.Pytester:
    """Give a project with tests of all layers."""
    project.makepyfile(test_mine=LAYERED)
    return project


@pytest.mark.row("P4")
def test_order(layered: pytest.Pytester):
    """Layers run from quick to slow in the places they have; other tests stay where they are."""
    run = layered.runpytest_inprocess("-v", "-p", "no:randomly")
    ran = [line.partition("::")[2].partition(" ")[0] for line in run.stdout.lines if "test_mine.py::" in line]
    assert ran == [
        "test_first", "test_smoke", "test_smoke_too", "test_critical", "test_real", "test_last", "test_real_smoke",
    ]  # fmt: skip


@pytest.mark.row("P4")
def test_real_services_are_skipped(layered: pytest.Pytester):
    """Without --real-services such tests are skipped, and the reason says how to run them."""
    run = layered.runpytest_inprocess("-rs")
    run.assert_outcomes(passed=5, skipped=2)
    run.stdout.fnmatch_lines(["*needs real services; run them with: pytest --real-services*"])


@pytest.mark.row("P4")
def test_real_services_run(layered: pytest.Pytester):
    """With --real-services they run, beside the shipped suites."""
    run = layered.runpytest_inprocess("--real-services", "--startup-trace=boot.jsonl")
    run.assert_outcomes(passed=7 + 4, skipped=1)


def test_budgets_are_shown(layered: pytest.Pytester):
    """The summary says what each layer took of its budget."""
    run = layered.runpytest_inprocess()
    run.stdout.fnmatch_lines(["  budget       smoke 0.* s of 30 s   mission_critical 0.* s of 120 s*"])
