"""The budgets between pytest's hooks: a plugin which is registered only when a run has tests of a layer."""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import textwrap
import threading
import traceback
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from pytest_startup.clock import now
from pytest_startup.layers import BUDGET, last_resort, layer_of
from pytest_startup.layers.account import Account
from pytest_startup.layers.watchdog import Patience, Watch, Watchdog

ALONE = Patience()
WORKER = Patience(tidy=0.4, last=0.6, least=0.2)
"""A worker of pytest-xdist that has to be ended is replaced by another one, which takes its time too."""

CLEAN_UP, REFUSED = "clean-up", "refused"

BEYOND_REACH = 0.3
"""Seconds after the last resort at which a process ends that cannot even run the watchdog's thread."""


class Enforcement:
    """Enforces the budgets of the layers in this process."""

    def __init__(self, config: pytest.Config, account: Account, source: str, note: Path) -> None:
        """Enforce what `account` counts.

        `source` says where the budgets stand; a worker which has to be ended leaves its last words in `note`.
        """
        self._config = config
        self.account = account
        self._source = source
        self._note = note
        self._patience = WORKER if hasattr(config, "workerinput") else ALONE
        self._dog = Watchdog(self._interrupt, self._end_run)
        self._watch: Watch | None = None
        self._item: pytest.Item | None = None
        self._layer = ""
        self._culprits: dict[str, str] = {}
        self._messages: dict[str, str] = {}
        self._done: set[str] = set()
        self._stderr = os.dup(2)
        self._off = _debugged(config)

    # -- the time of a test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Put a test under the deadline of its layer."""
        layer = layer_of(item)
        self._layer = layer or ""
        deadline = self.account.begin(layer, item.nodeid, now())
        try:
            with self._watching(item, deadline):
                return (yield)
        finally:
            self._done.add(item.nodeid)
            self.account.end(now())

    @contextmanager
    def _watching(self, item: pytest.Item, deadline: float | None) -> Iterator[None]:
        if deadline is None or self._off or threading.current_thread() is not threading.main_thread():
            yield
            return
        self._item, self._watch = item, Watch.on(deadline, self._patience)
        self._dog.start()
        self._dog.watch(self._watch)
        try:
            with self._beyond_reach(self._watch):
                yield
                self._clear_up(self._watch)
        finally:
            self._dog.watch(None)
            self._watch = None

    def _clear_up(self, watch: Watch) -> None:
        """Let what an interrupted test left behind be collected while it is watched: a coroutine may refuse to end."""
        if watch.interrupted not in ("", REFUSED):
            watch.phase = CLEAN_UP
            gc.collect()
            watch.phase = ""

    @contextmanager
    def _beyond_reach(self, watch: Watch) -> Iterator[None]:
        """End the process even when code that holds the interpreter's lock lets no thread of ours run."""
        if _has_timer(self._config):
            yield
            return
        faulthandler.dump_traceback_later(watch.last + BEYOND_REACH - now(), exit=True, file=self._stderr)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()

    # -- its phases; innermost, so that an interrupt hits what is tested and not another plugin

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let the set-up be interrupted."""
        with self._phase(item, "setup"):
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let the test be interrupted."""
        with self._phase(item, "call"):
            return (yield)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Let the tear-down be interrupted."""
        with self._phase(item, "teardown"):
            return (yield)

    @pytest.hookimpl(specname="pytest_runtest_setup")
    def pytest_startup_refuse(self, item: pytest.Item) -> None:
        """Fail a test for which nothing is left; after the marks which skip it, before its fixtures."""
        watch, layer = self._watch, self._layer
        if watch is not None and now() >= watch.deadline:
            watch.interrupted = REFUSED  # only its tear-down can still hang
            self._culprits.setdefault(layer, self._slowest(layer))
            self._messages[item.nodeid] = self._not_run(layer)
            pytest.fail(self._not_run(layer), pytrace=False)

    @contextmanager
    def _phase(self, item: pytest.Item, phase: str) -> Iterator[None]:
        watch = self._watch
        if watch is None:
            yield
            return
        watch.phase = phase
        try:
            yield
        finally:
            watch.phase = ""
        if item.nodeid in self._messages and watch.interrupted == phase:
            pytest.fail(self._messages[item.nodeid], pytrace=False)  # it swallowed the interrupt, and ended well

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
        """See to it that an interrupted test fails and says why, whatever it made of the interrupt."""
        report = yield
        message = self._messages.get(item.nodeid, "")
        phase = self._watch.interrupted if self._watch is not None else ""
        ended = message and call.when == ("setup" if phase == REFUSED else phase)
        if ended and (report.outcome != "failed" or message not in str(report.longrepr)):
            report.outcome = "failed"
            report.__dict__.pop("wasxfail", None)
            report.longrepr = f"{message}\n\n{report.longreprtext}".rstrip()
        return report

    # -- the end of a budget

    def _interrupt(self, watch: Watch, frame: FrameType | None) -> None:
        item, layer = self._item, self._layer
        if item is None or watch.phase == CLEAN_UP:  # outside of what pytest guards: whoever blocks there is ended
            return
        if not watch.interrupted:
            watch.interrupted = watch.phase
            self._culprits.setdefault(layer, item.nodeid)
            self._messages[item.nodeid] = self._hung(layer, item, watch, frame)
        pytest.fail(self._hung(layer, item, watch, frame), pytrace=False)

    def _end_run(self, watch: Watch, frame: FrameType | None) -> None:
        item, layer = self._item, self._layer
        if item is None:
            return
        self._culprits.setdefault(layer, item.nodeid)
        faulthandler.cancel_dump_traceback_later()
        message = f"{self._hung(layer, item, watch, frame)}\nIt could not be interrupted: the whole run was ended."
        phase = "" if watch.phase == CLEAN_UP else watch.phase
        if hasattr(self._config, "workerinput"):
            last_resort.end_worker(message, self._note)
        words = last_resort.Words(hung=message, not_run=self._not_run(layer))
        last_resort.end_run(item, phase, words, self._done, self._stderr)

    def pytest_enter_pdb(self) -> None:
        """Enforce nothing any more: somebody is debugging."""
        self._off = True
        self._watch = None
        self._dog.watch(None)
        faulthandler.cancel_dump_traceback_later()

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Let go; where something hung, see to it that threads which it left behind do not keep the process."""
        self._dog.stop()
        if self._messages:
            last_resort.leave_threads_behind(config)
        with suppress(OSError):
            os.close(self._stderr)

    # -- words

    def _budget(self, layer: str) -> str:
        return f"{layer} budget of {self.account.budgets[layer]:g} s"

    def _where(self, layer: str) -> str:
        return f"budgets.{BUDGET[layer]} of {self._source}"

    def _hung(self, layer: str, item: pytest.Item, watch: Watch, frame: FrameType | None) -> str:
        took = now() - self.account.since
        return "\n".join(
            [
                f"{self._budget(layer)} spent: this was still in its {watch.phase or 'report'} after {took:.1f} s",
                f"  test    {item.nodeid}",
                f"  budget  {self._where(layer)}",
                f"  where it stood\n{textwrap.indent(_stack(frame), '  ')}",
            ]
        )

    def _not_run(self, layer: str) -> str:
        return f"not run: the {self._budget(layer)} is spent, by {self._culprits[layer]} ({self._where(layer)})"

    def _slowest(self, layer: str) -> str:
        if layer not in self.account.longest:
            return "what came before its first test here"
        seconds, test = self.account.longest[layer]
        return f"all of its tests, the longest was {test} with {seconds:.1f} s"


def _stack(frame: FrameType | None) -> str:
    """Return the stack below pytest's own frames."""
    frames = traceback.extract_stack(frame)
    inner = [n for n, each in enumerate(frames) if "/_pytest/" in each.filename or "/pluggy/" in each.filename]
    shown = frames[inner[-1] + 1 :] if inner else frames
    return "".join(traceback.format_list(shown or frames[-3:])).rstrip()


def _has_timer(config: pytest.Config) -> bool:
    """Tell whether pytest's own faulthandler plugin uses the one timer that there is."""
    return config.pluginmanager.has_plugin("faulthandler") and float(config.getini("faulthandler_timeout") or 0) > 0


def _debugged(config: pytest.Config) -> bool:
    """Tell whether somebody wants to look at leisure."""
    return bool(config.getoption("usepdb") or config.getoption("trace")) or "pydevd" in sys.modules
