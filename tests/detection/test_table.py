"""The table is whole, and it has teeth: a check that is broken on purpose makes its comparison fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .coverage import CHOSEN
from .runs import FAULTS as DIRECTORY
from .runs import ROOT, contract, difference, judge
from .table import CONTRACT, NOT_COVERED, TABLE

FAULT = "registry_without_manager"
LINK = "test_link[registry.websocket_manager]"

BLIND = """
from pytest_startup.checks import wiring
wiring.link = lambda trace, contract, subject: []
"""
EAGER = """
from pytest_startup.checks import log
from pytest_startup.findings import Finding
log.is_free_of = lambda trace, contract, subject: [Finding(subject=subject, expected="silence", observed="a line")]
"""


# -- the table -----------------------------------------------------------------------------------------------------


def test_every_file_has_a_row():
    """Each file below tests/faults is a row of one of the tables, and each row is a file."""
    files = {path for path in DIRECTORY.rglob("*.py") if path.name != "__init__.py"}
    rows = {*TABLE, *(f"{layer}.{name}" for layer, chosen in CHOSEN.items() for name in chosen)}
    assert {".".join(path.relative_to(DIRECTORY).with_suffix("").parts) for path in files} == rows


def test_every_change_belongs_to_a_row():
    """No change of the contract is kept for a row that is not there."""
    assert set(CONTRACT) <= set(TABLE)


def test_every_file_says_what_production_saw():
    """The docstring of a fault is one sentence, and no two faults have the same one."""
    sentences = [path.read_text(encoding="utf-8").split('"""')[1] for path in DIRECTORY.rglob("*.py")]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.partition("\n")[0].endswith(".") for sentence in sentences)


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_every_check_has_teeth():
    """Each test of the suites is failed by at least one fault: one that no fault can fail is to be deleted."""
    done = _python("-c", "from tests.detection import coverage; print(*coverage.toothless())")
    assert (done.stdout.split(), done.stderr) == ([], "")


def test_the_page_is_current():
    """docs/coverage.md says what the markers and the table say."""
    done = _python("-m", "tests.detection.coverage", "--check")
    assert (done.returncode, done.stderr) == (0, "")


# -- its teeth -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(session: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The options by which the recorded boot of one fault is judged again."""
    directory = tmp_path_factory.mktemp("recorded")
    result = judge(directory, contract(FAULT, {}), ["-m", "smoke", "--startup-save", str(directory)], session)
    assert set(result.failed) == {LINK}
    (trace,) = directory.glob("*.jsonl")
    return ["-m", "smoke", "--startup-trace", str(trace)]


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param(BLIND, [f"missing     {LINK}: it passed"], id="blind"),
        pytest.param(EAGER, ["unexpected  test_log_is_free_of[ZERO handlers]: observed    a line"], id="eager"),
    ],
)
def test_a_broken_check_is_seen(broken: str, says: list[str], saved: list[str], session: str, tmp_path: Path):
    """A check that sees nothing misses the fault, one that sees too much raises an alarm; whole, it does neither."""
    different = difference(TABLE[FAULT], judge(tmp_path, contract(FAULT, {}), saved, session, more=broken))
    assert bool(different) == bool(says)
    assert all(line in different for line in says)


def test_everything_is_judged(saved: list[str], session: str, tmp_path: Path):
    """In one boot of the example everything is judged but what its contract declares as absent."""
    assert judge(tmp_path, contract(FAULT, {}), saved, session).not_covered == NOT_COVERED
