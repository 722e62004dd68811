"""Ending what a run has started, and only that.

A process group is ours when its leader is the very process that was registered (same creation time), or when it
carries the random tag of a boot in its environment. A process number alone proves nothing: numbers are reused.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from pytest_startup.clock import Deadline

TAG = "STARTUP_BOOT_ID"
"""The environment variable by which we know our own."""

INTERRUPTED_SECONDS = 1.0
"""How long a server may take to end in good order when its keeper has been killed."""

_ROUNDS = 8
_CLEAN_ROUNDS = 2
_ROUND_PAUSE = 0.01
"""How often we look again: a process may fork while it is being killed, and in the middle of an exec it has no
environment to read. So the last two looks, a moment apart, must both have found nothing."""


@dataclass(frozen=True, slots=True)
class Group:
    """A process group that somebody wants ended with the run; `leader` is None when it was gone already."""

    pgid: int
    tag: str
    leader: psutil.Process | None

    @classmethod
    def of(cls, pgid: int, tag: str) -> Group:
        """Register the group as it is now."""
        leader = None
        with suppress(psutil.Error):
            leader = psutil.Process(pgid)
        return cls(pgid, tag, leader)

    def end(self) -> None:
        """Kill the group, if its leader is still the one that was registered or carries the tag."""
        if (self.leader is not None and self.leader.is_running()) or carries(self.pgid, {self.tag}):
            with suppress(OSError):
                os.killpg(self.pgid, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory that somebody wants removed with the run; known by its inode, not by its name alone."""

    path: Path
    identity: tuple[int, int]

    @classmethod
    def of(cls, path: Path) -> Directory:
        """Register the directory as it is now; raises OSError when it is not there or is no directory."""
        found = path.stat(follow_symlinks=False)
        if not path.is_dir() or path.is_symlink():
            raise NotADirectoryError(path)
        return cls(path, (found.st_dev, found.st_ino))

    def remove(self) -> None:
        """Remove it with everything in it, unless something else stands there now."""
        with suppress(OSError):
            found = self.path.stat(follow_symlinks=False)
            if (found.st_dev, found.st_ino) == self.identity:
                shutil.rmtree(self.path, ignore_errors=True)


def carries(pid: int, tags: Collection[str]) -> bool:
    """Whether the process carries one of our tags. A process that we may not read is not ours."""
    with suppress(psutil.Error, OSError):
        return psutil.Process(pid).environ().get(TAG) in tags
    return False


def tagged(tags: Collection[str]) -> Iterator[int]:
    """Yield the number of every process of this machine that carries one of our tags, never our own."""
    for pid in psutil.pids():
        if pid != os.getpid() and carries(pid, tags):
            yield pid


def end_tagged(tags: Collection[str]) -> None:
    """Kill every process that carries one of these tags, whatever group it has moved to."""
    clean = 0
    for _ in range(_ROUNDS if tags else 0):
        found = list(tagged(tags))
        for pid in found:
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        clean = 0 if found else clean + 1
        if clean == _CLEAN_ROUNDS:
            return
        time.sleep(_ROUND_PAUSE)


def end_named(marker: str) -> None:
    """End every process whose command line names `marker`, which nobody can guess.

    A container's root may not read the environment of servers that run as `nobody`; a command line it may. They are
    interrupted first: a Postgres that is killed leaves shared memory behind.
    """
    found = [process for process in psutil.process_iter() if process.pid != os.getpid() and _names(process, marker)]
    for process in found:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGINT)
    deadline = Deadline.after(INTERRUPTED_SECONDS, "ending servers")
    while not all(map(has_ended, found)) and not deadline.expired:
        time.sleep(_ROUND_PAUSE)
    for process in found:
        if not has_ended(process):
            end_tree(process.pid)


def has_ended(process: psutil.Process) -> bool:
    """Whether it has ended, even if nobody has waited for it yet, or its number was given to another one."""
    with suppress(psutil.Error):
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    return True


def _names(process: psutil.Process, marker: str) -> bool:
    with suppress(psutil.Error):
        return any(marker in word for word in process.cmdline())
    return False


def end_tree(pid: int) -> None:
    """Kill a process whose number is surely its own, and all below it; stopped first, so that nothing is missed."""
    with suppress(psutil.Error):
        leader = psutil.Process(pid)
        leader.suspend()
        for process in [*leader.children(recursive=True), leader]:
            with suppress(psutil.Error):
                process.kill()
