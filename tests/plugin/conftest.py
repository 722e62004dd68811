"""A user's project with a contract and a saved boot, and the plugin as it lies in site-packages, with tiny suites."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import pytest_startup
from pytest_startup import collect
from pytest_startup.events.inside import Imported, LifespanBegan, LifespanComplete, PhaseEntered, PhaseLeft, PortBound
from pytest_startup.events.process import Exited, LogLine, Ready, Spawned, StopRequested
from pytest_startup.trace import Trace

CONTRACT = """\
[launch]
target = "main:app"

[[phases]]
name = "database"
callable = "main:open_database"

[[phases]]
name = "cache"
callable = "main:open_cache"

[budgets]
smoke = 30
"""

INI = """\
[pytest]
asyncio_default_fixture_loop_scope = function
"""

TINY = '''\
"""A tiny suite: what is needed to see how suites are run."""

import pytest

from pytest_startup.findings import Finding, NotCovered
from pytest_startup.events.inside import PhaseEntered
from pytest_startup.events.process import Ready

pytestmark = [pytest.mark.smoke, pytest.mark.row("S7")]


def is_ready(trace, contract, subject):
    if trace.first(Ready) is not None:
        return []
    return [Finding(subject="the boot", expected="ready", observed="not ready", at=0.5, on_purpose="say so")]


def happens(trace, contract, subject):
    found = trace.first(PhaseEntered, phase=subject)
    return NotCovered(f"{subject} is out of sight") if found is None else []


@pytest.mark.row("M1")
def test_ready(judge):
    judge(is_ready)


def test_phase(judge, phase):
    judge(happens, phase)


def test_component(judge, component):
    judge(happens, component)
'''

MORE = '''\
"""A tiny suite of another layer."""

import pytest


@pytest.mark.mission_critical
def test_more(judge, pair):
    judge(lambda trace, contract, subject: [], pair)
'''


def environment() -> dict[str, str]:
    """Return ours, without what is about our own run."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}


def healthy() -> Trace:
    """Make the trace of a boot in which everything is well."""
    return Trace.of(
        [
            Spawned(at=0.0, pid=7, command=("python", "main.py"), directory="/app"),
            Imported(at=0.4, target="main:app", seconds=0.3),
            LifespanBegan(at=0.41),
            PhaseEntered(at=0.42, phase="database"),
            LogLine(at=0.45, stream="stderr", text="connecting to postgresql://app:hunter2@127.0.0.1/app"),
            PhaseLeft(at=0.6, phase="database"),
            PhaseEntered(at=0.61, phase="cache"),
            PhaseLeft(at=0.65, phase="cache"),
            LifespanComplete(at=0.66),
            PortBound(at=0.67, host="127.0.0.1", port=8000),
            Ready(at=0.7),
            StopRequested(at=1.0, signal="SIGTERM"),
            Exited(at=1.1, code=-15, asked=True),
        ]
    )


def write_suites(home: Path) -> None:
    """Write the tiny suites."""
    for suite, text in (("smoke", TINY), ("mission_critical", MORE)):
        (home / suite).mkdir(parents=True)
        (home / suite / "__init__.py").touch()
        (home / suite / f"test_tiny_{suite}.py").write_text(text)
    (home / "__init__.py").touch()


@pytest.fixture
def project(pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Give a project with a contract, a saved boot and a test of its own; the suites are the tiny ones."""
    suites = tmp_path / "suites"
    write_suites(suites)
    monkeypatch.setattr(collect, "directory", lambda: suites)
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    pytester.makefile(".toml", startup=CONTRACT)
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(test_mine="def test_mine(): pass")
    healthy().save(pytester.path / "boot.jsonl")
    return pytester


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a directory which holds the package as a wheel would install it, with the tiny suites inside."""
    home = tmp_path_factory.mktemp("site-packages")
    package = Path(pytest_startup.__file__).parent
    shutil.copytree(package, home / "pytest_startup")
    write_suites(home / "pytest_startup" / "suites")
    return home


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of pytest in its own process: status, output, seconds it took, and its JUnit file: test -> message."""

    status: int
    output: str
    seconds: float
    junit: dict[str, str]


def start(site: Path, directory: Path, *arguments: str, **variables: str) -> Ended:
    """Run pytest in a process of its own, in `directory`, with the package that lies in `site`."""
    environment = os.environ | {"PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "", **variables}
    command = [sys.executable, "-m", "pytest", "--junitxml=junit.xml", *arguments]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    took = time.monotonic() - began
    return Ended(done.returncode, done.stdout + done.stderr, took, _junit(directory / "junit.xml"))


Run = Callable[..., Ended]


@pytest.fixture
def run(project: pytest.Pytester, site: Path) -> Run:
    """Run pytest in a process of its own, in the project, with the package as installed from a wheel."""

    def start_here(*arguments: str, path: Path = site, **variables: str) -> Ended:
        return start(path, project.path, *arguments, **variables)

    return start_here


def _junit(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for case in ET.parse(path).iter("testcase"):
        said = [*case.findall("failure"), *case.findall("error"), *case.findall("skipped")]
        found[case.get("name", "")] = " ".join([*(f"{each.get('message')} {each.text}" for each in said)])
    return found


@pytest.fixture
def result(project: pytest.Pytester) -> Callable[[], dict[str, object]]:
    """Read the result which a run left for machines."""
    return lambda: dict(json.loads((project.path / "result.json").read_text()))
