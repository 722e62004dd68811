"""Knowing at once that another process is gone."""

from __future__ import annotations

import os
import select
from contextlib import suppress
from dataclasses import dataclass

import psutil

from pytest_startup.services.reaping import has_ended

POLL_SECONDS = 0.1
"""How often we look where the system cannot tell us by itself (no pidfd: macOS, old kernels)."""

SAME_MOMENT = 2.0
"""Seconds by which two processes may differ about when a third was created: each asks the wall clock for itself."""


def created(pid: int) -> float | None:
    """Return when the process was created (seconds since the epoch, only to tell it from a later one), None: gone."""
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


@dataclass(frozen=True, slots=True)
class Watch:
    """One process that is watched; `process` is None when it was gone from the beginning.

    `descriptor` becomes readable when it ends; None: it has to be polled.
    """

    pid: int
    process: psutil.Process | None
    descriptor: int | None

    @classmethod
    def on(cls, pid: int, born: float) -> Watch:
        """Watch the process `pid` that was created at `born`, as another process has measured it just now."""
        descriptor = None
        with suppress(AttributeError, OSError):
            descriptor = os.pidfd_open(pid)
        at = created(pid)
        if at is None or abs(at - born) > SAME_MOMENT:
            return cls(pid, None, descriptor)
        return cls(pid, psutil.Process(pid), descriptor)

    def gone(self) -> bool:
        """Whether the process has ended, even when its number was given to another one."""
        return self.process is None or has_ended(self.process)


def wait_for_end(watch: Watch, wake: int) -> None:
    """Return when the watched process is gone, or when the descriptor `wake` becomes readable."""
    poller = select.poll()
    poller.register(wake, select.POLLIN)
    if watch.descriptor is not None:
        poller.register(watch.descriptor, select.POLLIN)
    pause = None if watch.descriptor is not None else POLL_SECONDS * 1000
    while not watch.gone() and not poller.poll(pause):
        pass
