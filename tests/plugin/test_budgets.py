"""A budget is enforced: whatever hangs, however, the run ends in time and its reports are complete."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from .conftest import INI, Ended, Run, start

OVER = 2.0
"""Seconds within which a run has to end after its budget."""
LEAST = 0.8

HANGS = """
import asyncio
import ctypes
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

pytestmark = pytest.mark.smoke
WHERE, _, HOW = os.environ["HANG"].partition(" ")


def sleep():
    time.sleep(1000)


def lock():
    one = threading.Lock()
    one.acquire()
    one.acquire()


def receive():
    one, other = socket.socketpair()
    one.recv(1)


def spin():
    while True:
        pass


def swallow():
    while True:
        try:
            time.sleep(1000)
        except BaseException:
            pass


def swallow_once():
    try:
        time.sleep(1000)
    except BaseException:
        pass


def thread():
    with ThreadPoolExecutor() as pool:
        pool.submit(time.sleep, 1000).result()


def exchange():
    try:
        time.sleep(1000)
    finally:
        raise ValueError("something else")


def native():
    while True:
        ctypes.CDLL(None).sleep(1000)


def hang(where):
    if where == WHERE:
        globals()[HOW]()


@pytest.fixture
def mine():
    hang("setup")
    yield
    hang("teardown")


@pytest.fixture(scope="session")
def ours():
    yield
    hang("session")


def test_before():
    pass


@pytest.mark.skip(reason="not today")
def test_skipped():
    pass


def test_hang(mine, ours):
    hang("call")


@pytest.mark.xfail
def test_expected():
    hang("xfail")
    assert False


async def forever():
    await asyncio.sleep(1000)


async def blocked():
    time.sleep(1000)


async def in_thread():
    await asyncio.to_thread(time.sleep, 1000)


async def swallowing():
    while True:
        try:
            await asyncio.sleep(1000)
        except BaseException:
            pass


@pytest.mark.asyncio
async def test_async():
    if WHERE == "async":
        await globals()[HOW]()


@pytest.mark.parametrize("n", range(3))
def test_after(n):
    pass
"""

TESTS = 8
JUNIT_REPEATS = 2
"""A message stands in an attribute of the JUnit file, and in the text."""
CULPRIT = {"async": "test_async", "xfail": "test_expected", "session": "test_after[2]"}

ALONE = [
    "call sleep",
    "call lock",
    "call receive",
    "call spin",
    "call swallow",
    "call swallow_once",
    "call exchange",
    "call thread",
    "call native",
    "setup sleep",
    "setup swallow",
    "teardown sleep",
    "teardown swallow",
    "session sleep",
    "xfail sleep",
    "async forever",
    "async blocked",
    "async in_thread",
    "async swallowing",
]
TOGETHER = ["call sleep", "call swallow", "teardown swallow", "async forever"]


def culprit(how: str) -> str:
    """Return the test which hangs in this way."""
    return CULPRIT.get(how.partition(" ")[0], "test_hang")


@dataclass(frozen=True, slots=True)
class Hung:
    """A run in which a test hung, the budget it had, and what such a run takes in which nothing hangs."""

    ended: Ended
    budget: float
    took: float

    @property
    def in_time(self) -> bool:
        """Whether it ended in time."""
        return self.ended.seconds < self.took + self.budget + OVER

    def check(self) -> None:
        """See that it ended in time, failed, and reports every test."""
        assert self.in_time, self.ended.output
        assert self.ended.status == pytest.ExitCode.TESTS_FAILED, self.ended.output
        assert len(self.ended.junit) == TESTS, self.ended.output
        assert "not today" in self.ended.junit["test_skipped"]
        assert re.search(r"\d (failed|errors?)\b.* in ", self.ended.output), self.ended.output

    @property
    def said(self) -> str:
        """How a message names the budget."""
        return f"smoke budget of {self.budget:g} s"


class Hangs:
    """Runs a project in which a test can hang in any way.

    The budget has to be enough for starting and collecting, since it counts from the beginning of the session: so it
    is what such a run takes here in which nothing hangs, and more where even that was not enough.
    """

    def __init__(self, site: Path, home: Path) -> None:
        """Make projects below `home`."""
        self._site = site
        self._home = home
        self._took: dict[tuple[str, ...], float] = {}

    def one(self, how: str, *more: str) -> Hung:
        """Let a test hang in this way; again where the machine had so much else to do that the run says nothing."""
        if more not in self._took:
            first, second = (self._run("nowhere", 60.0, *more).seconds for _ in range(2))
            self._took[more] = min(first, second)  # the first one may have had to compile it all
        hung = self._hung(how, self._took[more], 1.0, *more)
        for _ in range(2):
            early = f"not run: the {hung.said}" in hung.ended.junit.get(culprit(how), "")
            if hung.in_time and not early:
                break
            hung = self._hung(how, self._run("nowhere", 60.0, *more).seconds, 2.0, *more)
        return hung

    def _hung(self, how: str, took: float, factor: float, *more: str) -> Hung:
        budget = max(LEAST, round(took * factor, 1))
        return Hung(self._run(how, budget, *more), budget, took)

    def _run(self, how: str, budget: float, *more: str) -> Ended:
        directory = Path(tempfile.mkdtemp(dir=self._home))
        (directory / "startup.toml").write_text(f'[launch]\ntarget = "main:app"\n[budgets]\nsmoke = {budget:.1f}\n')
        (directory / "pytest.ini").write_text(INI)
        (directory / "test_mine.py").write_text(HANGS)
        return start(self._site, directory, *more, HANG=how)


@pytest.fixture(scope="module")
def hangs(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Hangs:
    """Give projects in which a test can hang."""
    return Hangs(site, tmp_path_factory.mktemp("hangs"))


@pytest.mark.parametrize("how", ALONE)
def test_hang(hangs: Hangs, how: str):
    """The run ends in time, names the culprit and where it stood, and reports every test."""
    hung = hangs.one(how)
    hung.check()
    message = hung.ended.junit[culprit(how)]
    assert f"{hung.said} spent: this was still in its " in message, hung.ended.output
    assert "where it stood" in message
    assert not hung.ended.junit["test_before"]
    if not how.startswith("session"):
        assert f"not run: the {hung.said} is spent, by " in hung.ended.junit["test_after[1]"]
        assert hung.ended.junit["test_after[1]"].count("not run: ") == JUNIT_REPEATS, "only in its set-up"
        assert culprit(how) in hung.ended.junit["test_after[1]"]


@pytest.mark.parametrize("how", TOGETHER)
def test_hang_with_xdist(hangs: Hangs, how: str):
    """All workers share one origin: the run ends in time, and the controller names the culprit."""
    hung = hangs.one(how, "-n2")
    hung.check()
    message = hung.ended.junit[culprit(how)]
    assert hung.said in message
    assert ("crashed while running" in message) is how.endswith("swallow")


def test_beside_pytest_timeout(run: Run, project: pytest.Pytester):
    """pytest-timeout keeps its signal and its timer: it still ends a test before our budget does."""
    project.makepyfile(test_mine=HANGS)
    ended = run("--timeout=0.4", HANG="call sleep")
    assert "Timeout" in ended.junit["test_hang"]
    assert "budget" not in ended.junit["test_hang"]
    assert not ended.junit["test_after[1]"]


def test_debugger(project: pytest.Pytester):
    """Who debugs has all the time in the world."""
    project.makefile(".toml", startup='[launch]\ntarget = "main:app"\n[budgets]\nsmoke = 0.1\n')
    project.makepyfile(
        test_mine="""
        import time, pytest

        @pytest.mark.smoke
        def test_slow():
            time.sleep(0.3)
        """
    )
    project.runpytest_inprocess("--pdb").assert_outcomes(passed=1)


def test_budget_that_ends_between_two_tests(run: Run, project: pytest.Pytester):
    """Nobody hangs: what has not run fails, and the longest test is named."""
    project.makefile(".toml", startup='[launch]\ntarget = "main:app"\n[budgets]\nmission_critical = 5\n')
    project.makeconftest(
        """
        import time

        def pytest_sessionstart():
            global began
            began = time.monotonic()

        def pytest_runtest_logfinish(nodeid):
            if nodeid.endswith("test_long"):
                time.sleep(began + 5.1 - time.monotonic())
        """
    )
    project.makepyfile(
        test_mine="""
        import pytest
        pytestmark = pytest.mark.mission_critical

        def test_long(): pass
        def test_after(): pass
        """
    )
    ended = run()
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    assert "mission_critical budget of 5 s" in ended.junit["test_after"]
    assert "the longest was test_mine.py::test_long" in ended.junit["test_after"]
    assert not ended.junit["test_long"]


def test_time_of_others_does_not_count(project: pytest.Pytester):
    """What belongs to no layer, or to another one, takes nothing from a budget."""
    project.makefile(".toml", startup='[launch]\ntarget = "main:app"\n[budgets]\nsmoke = 1.5\nmission_critical = 1.5\n')
    project.makepyfile(
        test_mine="""
        import time, pytest

        def test_free(): time.sleep(1)
        @pytest.mark.smoke
        def test_smoke(): time.sleep(0.3)
        def test_free_too(): time.sleep(1)
        @pytest.mark.mission_critical
        def test_critical(): time.sleep(0.5)
        """
    )
    project.runpytest_inprocess().assert_outcomes(passed=4)
