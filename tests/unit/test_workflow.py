"""The jobs of the project's own CI: layer after layer, on every Python that is promised, with pinned actions."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
LAYERS = {"smoke": "smoke", "mission_critical": "mission", "integration": "integration"}


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    """Return the jobs of the workflow."""
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return jobs


def test_each_layer_waits_for_the_one_before(jobs: dict[str, Any]):
    """Smoke comes first; nothing else begins before it has passed."""
    assert "needs" not in jobs["smoke"]
    assert "smoke" == jobs["mission_critical"]["needs"] == jobs["tests"]["needs"]
    assert "mission_critical" == jobs["integration"]["needs"]


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_runs_on_every_python_that_is_promised(jobs: dict[str, Any], layer: str):
    """What the classifiers promise is what is tried."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert promised == jobs[layer]["strategy"]["matrix"]["python"]


@pytest.mark.parametrize("layer", LAYERS)
def test_each_layer_is_one_command(jobs: dict[str, Any], layer: str):
    """What the CI runs is what a developer runs; it is a target of the Makefile."""
    (command,) = [step["run"] for step in jobs[layer]["steps"] if "run" in step]
    assert command == f"make PYTHON=python${{{{ matrix.python }}}} {LAYERS[layer]}"
    assert re.search(rf"^{LAYERS[layer]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_actions_are_pinned(jobs: dict[str, Any]):
    """A tag can be moved; a commit cannot."""
    used = [step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each) for each in used)


def test_jobs_may_only_read(jobs: dict[str, Any]):
    """No job of a pull request can write anything."""
    assert {} == yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["permissions"]
    assert all({"contents": "read"} == job["permissions"] for job in jobs.values())
