"""Applications from PyPI that nobody here wrote: judged by a contract alone, in an environment of their own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

HERE = Path(__file__).parent
SECONDS = 90
PASSED = {
    "datasette": {"test_becomes_ready", "test_answers_itself", "test_health_when_ready[liveness]", "test_stops"},
    "marimo": {"test_becomes_ready", "test_phase_happens_once[announce]", "test_health_when_ready[readiness]"},
    "llmock": {"test_link[state.journal]", "test_event_loop_turns", "test_ends_its_tasks", "test_component[settings]"},
}
"""For each some tests that must have been executed and passed; none may fail."""

USED = {
    "datasette": {"test_traffic_is_refused_during[announce]", "test_first_requests", "test_journey[query]"},
    "marimo": {"test_traffic_is_refused_during[announce]", "test_first_requests"},
    "llmock": {"test_traffic_is_refused_during[announce]", "test_first_requests", "test_journey[ask]"},
}
"""The same for the boot in which it is used."""

RUNS = [
    *(pytest.param(name, ["-m", "smoke"], passed, id=name) for name, passed in PASSED.items()),
    *(
        pytest.param(name, ["-m", "mission_critical", "-k", "traffic or journey"], passed, id=f"{name}-used")
        for name, passed in USED.items()
    ),
]


@pytest.mark.parametrize(("name", "chosen", "wanted"), RUNS)
def test_judged_by_contract_alone(
    name: str, chosen: list[str], wanted: set[str], environment: Callable[..., Path], tmp_path: Path
) -> None:
    """An application that nothing was tuned to passes what its contract asks; its environment is not touched."""
    python = environment("3.12", "datasette", "marimo", "llmock")
    before = _installed(python)
    assert not {"pytest", "pytest-startup"} & before
    contract = (HERE / f"{name}.toml").read_text().replace("INTERPRETER", str(python))
    (tmp_path / "startup.toml").write_text(contract)
    command = [sys.executable, "-m", "pytest", *chosen, "--junitxml=out.xml", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    passed = {
        case.attrib["name"]
        for case in ET.parse(tmp_path / "out.xml").iter("testcase")
        if not {"failure", "error", "skipped"} & {child.tag for child in case}
    }
    assert done.returncode == 0, done.stdout
    assert wanted <= passed
    assert before == _installed(python)


def _installed(python: Path) -> set[str]:
    """Return the names of everything that is installed for an interpreter."""
    code = "import importlib.metadata as m; print(*(d.metadata['Name'] for d in m.distributions()))"
    return set(subprocess.run([python, "-c", code], capture_output=True, text=True, check=True).stdout.split())
