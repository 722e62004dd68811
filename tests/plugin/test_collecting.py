"""Which tests a command collects, from wherever the suites lie."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from .conftest import Run

SMOKE = [
    "pytest_startup/suites/smoke/test_tiny_smoke.py::test_ready",
    "pytest_startup/suites/smoke/test_tiny_smoke.py::test_phase[database]",
    "pytest_startup/suites/smoke/test_tiny_smoke.py::test_phase[cache]",
    "pytest_startup/suites/smoke/test_tiny_smoke.py::test_component[none-declared]",
]
MORE = ["pytest_startup/suites/mission_critical/test_tiny_mission_critical.py::test_more[database-before-cache]"]
MINE = ["test_mine.py::test_mine"]

COMMANDS = {
    "": MINE,
    "-m smoke": SMOKE,
    "-m 'smoke or mission_critical'": MORE + SMOKE,
    "-m 'smoke and not websocket'": SMOKE,
    "-m mission_critical": MORE,
    "-m 'not smoke'": MINE,
    "-m websocket": [],
    "--startup": MINE + MORE + SMOKE,
    "--real-services": MINE + MORE + SMOKE,
    "test_mine.py": MINE,
    "test_mine.py -m smoke": [],
    "test_mine.py --real-services": MINE,
    "test_mine.py --startup": MINE + MORE + SMOKE,
    "pytest_startup/suites/smoke": SMOKE,
    f"'{SMOKE[1]}'": SMOKE[1:2],
    "'pytest_startup/suites/smoke/test_tiny_smoke.py::test_phase' test_mine.py": MINE + SMOKE[1:3],
    "--pyargs pytest_startup.suites.smoke": SMOKE,
    "--pyargs pytest_startup.suites.smoke.test_tiny_smoke::test_ready": SMOKE[:1],
    "--pyargs pytest_startup.suites": MORE + SMOKE,
}


@pytest.mark.parametrize("command", COMMANDS)
def test_collected(project: pytest.Pytester, command: str):
    """A command collects the suites when it asks for them, each test once, and nothing of ours otherwise."""
    assert sorted(COMMANDS[command]) == sorted(_collected(project, command))


def _collected(project: pytest.Pytester, command: str) -> list[str]:
    run = project.runpytest_inprocess("--collect-only", "-q", *shlex.split(command))
    return [line for line in run.stdout.lines if "::" in line]


def test_no_contract_no_suites(project: pytest.Pytester):
    """In a project without a contract `-m smoke` means its own tests, as ever."""
    (project.path / "startup.toml").unlink()
    project.makepyfile(test_own="import pytest\n@pytest.mark.smoke\ndef test_own(): pass")
    assert _collected(project, "-m smoke") == ["test_own.py::test_own"]
    assert _collected(project, "--real-services") == ["test_mine.py::test_mine", "test_own.py::test_own"]


def test_own_layers_without_a_contract_are_let_alone(project: pytest.Pytester):
    """Without a contract a marker called real_services is the project's own business."""
    (project.path / "startup.toml").unlink()
    project.makepyfile(test_own="import pytest\n@pytest.mark.real_services\ndef test_own(): pass")
    project.runpytest_inprocess().assert_outcomes(passed=2)


@pytest.mark.parametrize("command", ["--startup", "pytest_startup/suites/smoke", "--pyargs pytest_startup.suites"])
def test_no_contract_says_what_to_write(project: pytest.Pytester, command: str):
    """Who asks for the suites and has no contract is told the two lines that are missing."""
    (project.path / "startup.toml").unlink()
    run = project.runpytest_inprocess(*command.split())
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["*there is no contract*", "*[[]launch]*", '*target = "main:app"*', "*--startup-target*"])


def test_mistakes_of_the_contract(project: pytest.Pytester):
    """Every mistake of a contract is a usage error, not a traceback."""
    project.makefile(".toml", startup='[launch]\ntarget = "main"\nlifespan = "maybe"\n')
    run = project.runpytest_inprocess("-m", "smoke")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["*2 mistakes*", "*launch.target*", "*launch.lifespan*"])
    assert "Traceback" not in run.stderr.str() + run.stdout.str()


def test_target_needs_no_file(project: pytest.Pytester):
    """A target on the command line is contract enough."""
    (project.path / "startup.toml").unlink()
    found = _collected(project, "-m smoke --startup-target main:app")
    assert "pytest_startup/suites/smoke/test_tiny_smoke.py::test_phase[none-declared]" in found


def test_unknown_id(project: pytest.Pytester):
    """An id which the suites do not have is an error, as any other path would be."""
    run = project.runpytest_inprocess("pytest_startup/suites/smoke/test_tiny_smoke.py::test_phase[queue]")
    assert run.ret == pytest.ExitCode.USAGE_ERROR
    run.stderr.fnmatch_lines(["*test_phase[[]queue]: the suites have no such test*"])


HABITS = {
    "files": "python_files = check_*.py",
    "functions": "python_functions = check_*",
    "recursion": "norecursedirs = *",
    "strict": "strict = true",
    "warnings": "filterwarnings = error",
    "auto": "asyncio_mode = auto",
    "importlib": "addopts = --import-mode=importlib",
    "no cache": "addopts = -p no:cacheprovider",
    "no rewriting": "addopts = --assert=plain",
    "doctests": "addopts = --doctest-modules",
}


@pytest.mark.parametrize("habit", HABITS)
def test_habits_of_a_project(project: pytest.Pytester, habit: str):
    """However a project configures pytest, the suites run the same."""
    project.makefile(".ini", pytest=f"{INI_HEAD}{HABITS[habit]}\n")
    run = project.runpytest_inprocess("-m", "smoke", "--startup-trace=boot.jsonl")
    run.assert_outcomes(passed=3, skipped=1, deselected=1 if habit in {"files", "functions"} else 2)


INI_HEAD = "[pytest]\nasyncio_default_fixture_loop_scope = function\n"


def test_a_root_conftest_overrides_a_fixture(project: pytest.Pytester):
    """A project replaces one of the fixtures in its root conftest."""
    project.makeconftest(
        """
        import pytest
        from pytest_startup.trace import Trace

        @pytest.fixture(scope="session")
        def startup_trace():
            return Trace(())
        """
    )
    run = project.runpytest_inprocess("-m", "smoke")
    run.assert_outcomes(failed=1, skipped=3, deselected=2)


# -- as installed from a wheel -------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [False, True], ids=["beside the project", "inside the project"])
def test_from_a_wheel(run: Run, site: Path, project: pytest.Pytester, *, inside: bool):
    """The suites are found in site-packages, also when the virtual environment lies inside the project."""
    home = site
    if inside:
        home = project.path / ".venv" / "lib" / "site-packages"
        shutil.copytree(site, home)
        (project.path / ".venv" / "pyvenv.cfg").touch()
    ended = run("-m", "smoke", "--startup-trace=boot.jsonl", "-v", path=home)
    assert ended.status == 0, ended.output
    assert ended.output.count("test_phase[database] PASSED") == 1


def test_with_xdist(run: Run):
    """Workers collect the same, and the controller adds up what they judged."""
    ended = run("-m", "smoke or mission_critical", "--startup-trace=boot.jsonl", "-n2", "--startup-min-checks=4")
    assert ended.status == 0, ended.output
    assert len(ended.junit) == len(SMOKE + MORE)
    assert "judged" in ended.output


def test_nothing_is_imported_by_a_run_that_does_not_need_it(project: pytest.Pytester):
    """A plain run pays for the plugin's module and its options, and nothing else of the package."""
    project.makepyfile(
        test_mine="""
        import sys

        def test_mine():
            loaded = {name for name in sys.modules if name.startswith("pytest_startup")}
            assert loaded == {"pytest_startup", "pytest_startup.plugin", "pytest_startup.options"}
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=1)
