"""The end of a run that cannot be interrupted: what is known is reported, and the process ends.

It runs in a thread beside the hung test. The reports of the hung test and of all that has not run are made here, and
the hooks which finish a session are called, so that the summary and the JUnit file are complete.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

from pytest_startup.clock import now

REPORT_SECONDS = 3.0
"""What the reports may take, a few tenths on most machines; the process ends then in any case."""

THREADS_SECONDS = 0.3
FOLLOW_SECONDS = 30.0


class Words(NamedTuple):
    """What is said of the test that hangs, and of those that have not run."""

    hung: str
    not_run: str


def end_worker(hung: str, note: Path) -> NoReturn:
    """End a worker of pytest-xdist: its controller reports a crash, and finds the reason in `note`."""
    with suppress(OSError):
        file = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(file, hung.encode())
    os._exit(int(pytest.ExitCode.TESTS_FAILED))


def end_run(item: pytest.Item, phase: str, words: Words, done: Collection[str], stderr: int) -> None:
    """End the process with a failing status while `item` hangs in its `phase`, empty when it has been reported."""
    reporter = threading.Thread(target=_report, args=(item, phase, words, done), daemon=True)
    sys.setswitchinterval(1e-4)  # what hangs may be a busy loop, and would get most of the time
    faulthandler.dump_traceback_later(2 * REPORT_SECONDS, exit=True, file=stderr)
    reporter.start()
    reporter.join(REPORT_SECONDS)
    os._exit(int(pytest.ExitCode.TESTS_FAILED))


def _report(item: pytest.Item, phase: str, words: Words, done: Collection[str]) -> None:
    session = item.session
    capture: Any = item.config.pluginmanager.get_plugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=True)
    if phase:
        _tell(item, phase, words.hung)
    for other in session.items:
        if other is not item and other.nodeid not in done:
            other.ihook.pytest_runtest_logstart(nodeid=other.nodeid, location=other.location)
            _tell(other, "setup", words.not_run)
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
    # The runner would tear fixtures down, in this thread, and wait for what hangs.
    runner = item.config.pluginmanager.get_plugin("runner")
    finish = item.config.pluginmanager.subset_hook_caller("pytest_sessionfinish", remove_plugins=[runner])
    finish(session=session, exitstatus=session.exitstatus)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()


def _tell(item: pytest.Item, when: str, message: str) -> None:
    """Report a failed phase of a test, and its end."""
    phases = [(when, "failed", message), *([] if when == "teardown" else [("teardown", "passed", None)])]
    for phase, outcome, words in phases:
        report = pytest.TestReport(
            nodeid=item.nodeid,
            location=item.location,
            keywords=dict.fromkeys(item.keywords, 1),
            outcome=outcome,  # type: ignore[arg-type]  # a literal of the two
            longrepr=words,
            when=phase,  # type: ignore[arg-type]  # a literal of the three
            user_properties=item.user_properties,
            start=now(),
            stop=now(),
        )
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def leave_threads_behind(config: pytest.Config) -> None:
    """End the process soon after its main thread has, although threads of a hung test still run."""
    session: Any = config.pluginmanager.get_plugin("session")
    status = int(getattr(session, "exitstatus", pytest.ExitCode.TESTS_FAILED)) or int(pytest.ExitCode.TESTS_FAILED)
    threading.Thread(target=_follow, args=(status,), daemon=True, name="startup-leave").start()


def _follow(status: int) -> None:
    """Wait for the interpreter's end to begin; a caller of `pytest.main` which goes on is left alone."""
    never = threading.Event()
    until = now() + FOLLOW_SECONDS
    while now() < until:
        if getattr(threading, "_SHUTTING_DOWN", False) or not threading.main_thread().is_alive():
            never.wait(THREADS_SECONDS)
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(status)
        never.wait(0.02)
