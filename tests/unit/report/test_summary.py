"""The summary of a run, as text and as JSON, and the records that it is made of."""

from __future__ import annotations

import json

import pytest

from pytest_startup.contract.model import Contract
from pytest_startup.report.json import as_json
from pytest_startup.report.judged import Case, Judged, judged_of, rows_of, suite_of
from pytest_startup.report.lines import UNICODE, plain
from pytest_startup.report.summary import Result, Spent, summary
from pytest_startup.trace import Trace

PASSED = Judged(check="once", verdict="passed", subject="database", trace="boot.jsonl")
FAILED = Judged(check="follows", verdict="failed", subject="a before b", reasons=("b: b began too early",))
SKIPPED = Judged(check="in_time", verdict="not covered", reasons=("the contract sets no max_seconds for it",))

TESTS = (
    Case(nodeid="s/test_a.py::test_once[database]", outcome="passed", suite="smoke", rows=("M1",), judged=(PASSED,)),
    Case(nodeid="s/test_a.py::test_order[a]", outcome="failed", suite="smoke", rows=("M1", "M10"), judged=(FAILED,)),
    Case(nodeid="s/test_a.py::test_time[a]", outcome="skipped", suite="smoke", rows=("M1",), judged=(SKIPPED,)),
    Case(nodeid="s/test_a.py::test_time[b]", outcome="skipped", suite="smoke", rows=("M1",), judged=(SKIPPED,)),
    Case(nodeid="s/test_b.py::test_x", outcome="failed", suite="smoke", rows=("M2",), words="no boot"),
    Case(nodeid="s/test_b.py::test_y", outcome="skipped", suite="integration", words="needs real services"),
)

TEXT = """\
main:app · ready in 2.00 s
{timeline}
  critical     python 0.12 s → import 0.88 s → database 0.40 s → cache 0.25 s →
               until ready 0.25 s → other 0.10 s

  judged       ✗ M1 1 of 2   ✗ M2 1 of 1   ✗ M10 1 of 1
               ✗ test_order[a]
                 b: b began too early
               ✗ test_x
                 no boot

  not covered  the contract sets no max_seconds for it
                 time [a, b]
               needs real services
                 y

  services     postgres: Postgres 18.6 (embedded)
               redis: Valkey 9.1 (embedded)
  trace        boot.jsonl
  budget       smoke 4.2 s of 30 s   mission_critical 120.1 s of 120 s"""


@pytest.fixture
def result(boot: Trace, contract: Contract) -> Result:
    """Give a run in which everything happened that can happen."""
    return Result(
        tests=TESTS,
        contract=contract,
        target="main:app",
        boots={"boot.jsonl": boot},
        services=["postgres: Postgres 18.6 (embedded)", "redis: Valkey 9.1 (embedded)"],
        spent=[
            Spent(layer="smoke", seconds=4.2, budget=30.0),
            Spent(layer="mission_critical", seconds=120.1, budget=120.0),
        ],
    )


def test_text(result: Result):
    """The boot, what was judged by row, what was not covered and why, the services and the budgets."""
    lines = [plain(line) for line in summary(result, UNICODE)]
    drawn = "\n".join(lines[1:11])
    assert "\n".join(lines) == TEXT.format(timeline=drawn)
    assert max(map(len, lines)) <= 80


def test_nothing_to_say():
    """A run without anything of ours has no summary."""
    assert summary(Result(), UNICODE) == []


@pytest.mark.parametrize(
    ("tests", "demanded", "expected"),
    [
        ((), 5, ""),
        (TESTS, 1, ""),
        (TESTS, 2, ""),
        (TESTS, 3, "2 checks were executed, 3 are demanded (--startup-min-checks)"),
        (TESTS[2:], 1, "no check was executed: nothing is known about this application, so this run fails"),
    ],
)
def test_lacking(tests: tuple[Case, ...], demanded: int, expected: str):
    """Tests which execute no check are not a pass."""
    result = Result(tests=tests, demanded=demanded)
    assert result.lacking == expected
    assert (plain(summary(result, UNICODE)[-1]).strip() == expected) if expected else True


def test_verdicts():
    """A test is what its worst judgement was."""
    assert [test.verdict for test in TESTS] == ["passed", "failed", "not covered", "not covered", "failed", "not run"]


def test_json(result: Result):
    """The same for machines, secrets masked."""
    found = json.loads(as_json(result))
    assert found["verdicts"] == {"passed": 1, "failed": 2, "not covered": 2, "not run": 1}
    assert found["checks_executed"] == 2
    assert [step["name"] for step in found["boots"][0]["steps"]][:4] == ["python", "import", "lifespan", "init"]
    assert found["tests"][1]["judged"][0] == {
        "check": "follows",
        "subject": "a before b",
        "verdict": "failed",
        "reasons": ["b: b began too early"],
        "trace": "",
    }
    assert found["budgets"][0] == {"layer": "smoke", "seconds": 4.2, "budget": 30.0}


def test_records_travel_as_properties():
    """What a test judged is read back from its properties, among those of others."""
    properties = [("startup.suite", "smoke"), ("startup.row", "M1"), ("other", 1), *PASSED.properties(), ("x", "y")]
    properties += FAILED.properties()
    assert judged_of(properties) == (PASSED, FAILED)
    assert rows_of(properties) == ("M1",)
    assert suite_of(properties) == "smoke"
    assert judged_of([("startup.reason", "stray")]) == ()
