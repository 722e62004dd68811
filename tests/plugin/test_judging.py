"""The judge, the fixtures, and what a run says of itself."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from pytest_startup.events.base import Event
from pytest_startup.events.inside import PhaseEntered
from pytest_startup.events.process import Ready
from pytest_startup.trace import Trace

from .conftest import Run, healthy

JUDGED = ("-m", "smoke", "--startup-trace=boot.jsonl")
Result = Callable[[], dict[str, object]]


def _save(project: pytest.Pytester, *without: type[Event]) -> None:
    """Save a boot in which some kinds of events did not happen."""
    events = [event for event in healthy().events if not isinstance(event, without)]
    Trace.of(events).save(project.path / "boot.jsonl")


def test_findings_fail_a_test(project: pytest.Pytester):
    """A finding is shown with what was expected, the timeline, the log without secrets, and the way to judge again."""
    _save(project, Ready)
    run = project.runpytest_inprocess(*JUDGED)
    run.assert_outcomes(failed=1, passed=2, skipped=1, deselected=2)
    run.stdout.fnmatch_lines(
        [
            "the boot: not ready [[]M1, S7]",
            "  expected    ready",
            "  observed    not ready",
            "  when        0.500 s after the spawn",
            "  timeline",
            "*>     0.600 s  left           database",
            "  log (the last 1 of 1 lines until then)",
            "*connecting to postgresql://app:[*][*][*]@127.0.0.1/app",
            "*if this is on purpose: say so",
            '*without booting:  pytest "*/smoke/test_tiny_smoke.py::test_ready" --startup-trace=boot.jsonl',
            "FAILED *::test_ready*",
        ]
    )
    assert "hunter2" not in run.stdout.str()
    assert re.search(r"\.py:\d", run.stdout.str()) is None, "no traceback"


def test_the_command_of_a_failure_works(project: pytest.Pytester):
    """What a failure says to run judges only this again, and collects no other module."""
    _save(project, Ready)
    said = project.runpytest_inprocess(*JUDGED).stdout.str()
    command = said.partition("without booting:  pytest ")[2].partition("\n")[0]
    run = project.runpytest_inprocess(*command.replace('"', "").split())
    run.assert_outcomes(failed=1, deselected=3)


def test_not_covered_is_a_skip_with_its_reason(project: pytest.Pytester):
    """What a boot cannot show is neither passed nor failed, and the summary says why."""
    _save(project, PhaseEntered)
    run = project.runpytest_inprocess(*JUDGED, "-rs")
    run.assert_outcomes(passed=1, skipped=3, deselected=2)
    run.stdout.fnmatch_lines(
        [
            "  not covered  database is out of sight",
            "                 phase [[]database]",
            "               the contract declares no components",
            "                 component",
            "SKIPPED*not covered: database is out of sight",
        ]
    )


@pytest.mark.parametrize("more", [(), ("-n2",)], ids=["alone", "xdist"])
def test_a_run_without_checks_fails(run: Run, project: pytest.Pytester, more: tuple[str, ...]):
    """Where nothing could be judged nothing is known: the run fails, and says so."""
    project.makefile(".toml", startup='[launch]\ntarget = "main:app"\n')
    ended = run("--startup", "-k", "phase or component or more", "--startup-trace=boot.jsonl", *more)
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert "no check was executed" in ended.output


@pytest.mark.parametrize("more", [(), ("-n2",)], ids=["alone", "xdist"])
@pytest.mark.parametrize(("demanded", "status"), [(3, 0), (4, 1)])
def test_minimum_of_checks(run: Run, demanded: int, status: int, more: tuple[str, ...]):
    """A minimum can be demanded; workers' checks are added up."""
    ended = run(*JUDGED, f"--startup-min-checks={demanded}", *more)
    assert status == ended.status, ended.output
    assert ("3 checks were executed, 4 are demanded" in ended.output) is (status == 1)


def test_a_minimum_does_not_hide_another_failure(run: Run, project: pytest.Pytester):
    """The exit status of an interrupted run stays what it was."""
    project.makepyfile(test_mine="def test_mine(): raise KeyboardInterrupt")
    ended = run("--startup", "--startup-trace=boot.jsonl", "--startup-min-checks=99")
    assert ended.status == pytest.ExitCode.INTERRUPTED


def test_own_tests_are_not_counted(project: pytest.Pytester):
    """A run without a test of the suites demands no checks of anybody."""
    project.runpytest_inprocess("--startup-min-checks=5").assert_outcomes(passed=1)


BROKEN = {
    "no trace": ("nonsense\n", "*boot.jsonl:1: is not JSON*"),
    "another format": ('{"pytest-startup-trace": 99}\n', "*boot.jsonl:1: is not a trace of format 1*"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_boot_that_cannot_be_had_is_one_line(project: pytest.Pytester, case: str):
    """Every test fails with the same one line, without a traceback of ours."""
    text, line = BROKEN[case]
    (project.path / "boot.jsonl").write_text(text)
    run = project.runpytest_inprocess(*JUDGED)
    run.assert_outcomes(failed=3, skipped=1, deselected=2)
    run.stdout.fnmatch_lines([f"pytest-startup: {line}"] * 3)
    assert "shared_boot.py" not in run.stdout.str()


def test_fixtures_serve_own_tests(project: pytest.Pytester):
    """A project's own tests use the same fixtures."""
    project.makepyfile(
        test_mine="""
        from pytest_startup.events.inside import PortBound

        def test_mine(startup_contract, startup_trace, judge):
            assert [phase.name for phase in startup_contract.phases] == ["database", "cache"]
            assert startup_trace.first(PortBound).port == 8000
            judge(lambda trace, contract, subject: [])
            judge(lambda trace, contract, subject: [], "database", trace=startup_trace)
        """
    )
    run = project.runpytest_inprocess("--startup-trace=boot.jsonl")
    run.assert_outcomes(passed=1)


def test_own_tests_without_a_contract_are_told(project: pytest.Pytester):
    """A fixture without a contract says what to write."""
    (project.path / "startup.toml").unlink()
    project.makepyfile(test_mine="def test_mine(startup_contract): pass")
    run = project.runpytest_inprocess()
    run.assert_outcomes(errors=1)
    run.stdout.fnmatch_lines(["*there is no contract*", '*target = "main:app"*'])


def test_result_for_machines(project: pytest.Pytester, result: Result):
    """The JSON file holds every test, what it judged, and the steps of the boot."""
    project.runpytest_inprocess(*JUDGED, "--startup-json=result.json")
    found = result()
    assert {"passed": 3, "failed": 0, "not covered": 1, "not run": 0} == found["verdicts"]
    assert found["checks_executed"] == 3
    ready = next(test for test in found["tests"] if test["id"].endswith("test_ready"))  # type: ignore[attr-defined]
    assert sorted(ready["rows"]) == ["M1", "S7"]
    assert ready["judged"][0]["check"] == "is_ready"
    steps = found["boots"][0]["steps"]  # type: ignore[index]
    assert [step["name"] for step in steps if step["phase"]] == ["database", "cache"]


def test_junit_properties(run: Run, project: pytest.Pytester):
    """The JUnit file holds the rows and the verdict of each test."""
    run(*JUDGED)
    text = (project.path / "junit.xml").read_text()
    for name, value in {"startup.row": "S7", "startup.check": "is_ready", "startup.verdict": "passed"}.items():
        assert f'<property name="{name}" value="{value}" />' in text


def test_header(project: pytest.Pytester):
    """The header says what is started and by which contract, only where the suites run."""
    project.runpytest_inprocess(*JUDGED).stdout.fnmatch_lines(["startup: main:app (contract: startup.toml)"])
    assert "startup:" not in project.runpytest_inprocess().stdout.str()


@pytest.mark.row("P1", "P9")
def test_markers_are_described(project: pytest.Pytester):
    """`--markers` describes every marker of ours, so `strict` runs have them."""
    told = project.runpytest_inprocess("--markers").stdout.str()
    for name in (
        "smoke", "mission_critical", "real_services", "chat_events", "websocket", "startup", "multi_user",
        "performance", "security", "error_recovery", "business_value", "row(*ids)",
    ):  # fmt: skip
        assert f"@pytest.mark.{name}: " in told


def test_ascii_terminal(run: Run):
    """A terminal that is not UTF-8 gets a summary which it can show."""
    ended = run(*JUDGED, PYTHONIOENCODING="ascii")
    assert ended.status == 0, ended.output
    assert "+ M1 1" in ended.output
    assert ended.output.isascii()


def test_traces_are_saved(project: pytest.Pytester):
    """A loaded trace is judged where it lies; nothing is written beside it."""
    project.runpytest_inprocess(*JUDGED, "--startup-save=traces")
    assert not (project.path / "traces").exists()


def test_result_is_written_under_xdist(run: Run, result: Result):
    """The controller writes the results of all workers."""
    run(*JUDGED, "-n2", "--startup-json=result.json")
    assert json.dumps(result()["verdicts"]) == '{"passed": 3, "failed": 0, "not covered": 1, "not run": 0}'
