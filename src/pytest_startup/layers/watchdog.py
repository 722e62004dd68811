"""A thread that interrupts the main thread when a deadline passes, and goes on until it lets go. Knows no pytest.

The interrupt is a signal sent to the main thread alone (`signal.pthread_kill`), whose Python handler raises: that ends
sleeps, locks, blocking reads and busy loops alike. SIGURG, because nobody uses it and its default is to be ignored;
SIGALRM and the interval timers belong to pytest-timeout.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from pytest_startup.clock import now

SIGNAL = signal.SIGURG
AGAIN = 0.1
"""Seconds between two interrupts of code that does not let go."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited after a deadline: `tidy` for what is being torn down, `last` until the last resort.

    `least` is what a test gets which began after the deadline, to tear down what others left.
    """

    tidy: float = 0.7
    last: float = 1.0
    least: float = 0.3


@dataclass(slots=True)
class Watch:
    """One test under a deadline. `phase` is what of it is running, empty between two phases."""

    deadline: float
    tidy_until: float
    last: float
    phase: str = ""
    interrupted: str = ""
    stack: FrameType | None = None

    @classmethod
    def on(cls, deadline: float, patience: Patience) -> Watch:
        """Watch from now on."""
        begun = now()
        return cls(
            deadline,
            max(deadline + patience.tidy, begun + patience.least),
            max(deadline + patience.last, begun + 2 * patience.least),
        )

    def next(self, at: float) -> float:
        """Return when something is to be done next."""
        if at < self.deadline:
            return self.deadline
        if self.interrupted and self.phase != self.interrupted and at < self.tidy_until:
            return self.tidy_until
        return min(at + AGAIN, self.last)


@dataclass(slots=True)
class Watchdog:
    """Interrupts whatever runs in the main thread between `enter` and `leave` once the watch's deadline has passed.

    `interrupt` is called in the main thread with the frame that was running, and raises; `last_resort` is called in
    the watchdog's own thread, and does not return.
    """

    interrupt: Callable[[Watch, FrameType | None], None]
    last_resort: Callable[[Watch, FrameType | None], None]
    _watch: Watch | None = None
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None
    _before: Any = None

    def start(self) -> None:
        """Take the signal and start the thread, once; to be called in the main thread."""
        if self._thread is None:
            self._before = signal.signal(SIGNAL, self._on_signal)
            self._thread = threading.Thread(target=self._run, name="startup-budget", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread and give the signal back."""
        if self._thread is None:
            return
        thread, self._thread = self._thread, None
        self.watch(None)
        thread.join()
        signal.signal(SIGNAL, signal.SIG_DFL if self._before is None else self._before)

    def watch(self, watch: Watch | None) -> None:
        """Watch another test, or none."""
        with self._changed:
            self._watch = watch
            self._changed.notify()

    # -- in the main thread

    def _on_signal(self, _number: int, frame: FrameType | None) -> None:
        watch = self._watch
        if watch is not None and watch.phase and now() >= watch.deadline:
            self.interrupt(watch, frame)

    # -- in the watchdog's thread

    def _run(self) -> None:
        with self._changed:
            while self._thread is not None:
                watch = self._watch
                self._changed.wait(None if watch is None else max(0.0, watch.next(now()) - now()))
                if watch is not None and watch is self._watch:
                    self._act(watch)

    def _act(self, watch: Watch) -> None:
        at, main = now(), threading.main_thread().ident
        if at < watch.deadline or main is None:
            return
        if at >= watch.last:
            self._watch = None
            self.last_resort(watch, sys._current_frames().get(main))  # noqa: SLF001 (the one way to see where it hangs)
        elif watch.phase and (watch.phase == watch.interrupted or not watch.interrupted or at >= watch.tidy_until):
            signal.pthread_kill(main, SIGNAL)
