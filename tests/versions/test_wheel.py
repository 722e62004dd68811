"""The built wheel, in a virtual environment of its own, from the directory of somebody who uses it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

APPLICATION = """
from contextlib import asynccontextmanager
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

@asynccontextmanager
async def lifespan(app):
    app.state.greeting = "hello"
    yield

async def greet(request):
    return JSONResponse({"greeting": request.app.state.greeting})

app = Starlette(lifespan=lifespan, routes=[Route("/", greet)])
"""
OWN_TEST = """
import pytest

@pytest.mark.smoke
def test_own():
    pass

def test_not_smoke():
    raise SystemExit("this one was not asked for")
"""
SECONDS = 120


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config, uv: Callable[..., None]) -> Path:
    """Build the wheel."""
    out = tmp_path_factory.mktemp("wheel")
    uv("build", "--wheel", "--out-dir", out, pytestconfig.rootpath, seconds=SECONDS)
    return next(out.glob("*.whl"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project which has an application, a contract of two lines and a test of its own."""
    home = tmp_path / "a project"
    (home / "tests").mkdir(parents=True)
    (home / "app.py").write_text(APPLICATION)
    (home / "startup.toml").write_text('[launch]\ntarget = "app:app"\n')
    (home / "tests" / "test_own.py").write_text(OWN_TEST)
    (home / "pytest.ini").write_text("[pytest]\nstrict = true\nfilterwarnings = error\n")
    return home


def _run(python: Path, project: Path, *arguments: str) -> dict[str, str]:
    """Run pytest in the project; return test -> passed, failed or skipped. Nothing of this repository is in sight."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    command = [python, "-m", "pytest", *arguments, "--junitxml=out.xml", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return {case.attrib["name"]: (case[0].tag if len(case) else "passed") for case in _cases(project / "out.xml")}


def _cases(path: Path) -> list[ET.Element]:
    """Return the test cases of a JUnit file, without their properties."""
    cases = list(ET.parse(path).iter("testcase"))
    for case in cases:
        for extra in [child for child in case if child.tag in {"properties", "system-out", "system-err"}]:
            case.remove(extra)
    return cases


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_smoke_in_a_consumers_directory(
    version: str, wheel: Path, project: Path, environment: Callable[..., Path]
) -> None:
    """`pytest -m smoke` runs the shipped suite beside the project's own smoke tests, and nothing else."""
    python = environment(version, f"{wheel}", "uvicorn", "starlette", "pytest-xdist")
    found = _run(python, project, "-m", "smoke")
    assert found["test_own"] == "passed"
    assert found["test_becomes_ready"] == "passed"
    assert found["test_component[none-declared]"] == "skipped"
    assert "test_not_smoke" not in found
    assert "failure" not in found.values()


@pytest.mark.parametrize("how", [("--pyargs", "pytest_startup.suites.smoke"), ("-m", "smoke", "-n", "2")], ids=str)
def test_other_ways_to_run_it(
    how: tuple[str, ...], wheel: Path, project: Path, environment: Callable[..., Path]
) -> None:
    """The shipped suite is found as a module too, and gives the same under xdist."""
    python = environment("3.11", f"{wheel}", "uvicorn", "starlette", "pytest-xdist")
    found = _run(python, project, *how)
    assert found["test_becomes_ready"] == "passed"
    assert ("test_own" in found) == ("-m" in how)
