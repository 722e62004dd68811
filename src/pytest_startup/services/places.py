"""Where a run's keeper lives on disk: names that follow from the session id, so that everyone finds them alone.

A unix socket's path has room for about 100 bytes, hence the short names and /tmp when the usual place is a long one.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceError
from pytest_startup.services import sweeping
from pytest_startup.services.reaping import end_named, end_tagged

LONGEST_SOCKET_PATH = 100
ROOM_FOR_DATA = 512 * 1024 * 1024
"""Bytes that must be free in memory before databases are put there; a container's /dev/shm has often only 64 MB."""

REMOVE_SECONDS = 1.0
_REMOVE_PAUSE = 0.02

_SESSION_ID = re.compile(r"[a-z0-9]{12,40}")


def new_session_id() -> str:
    """Return an id that nobody can guess; whoever knows it, and is the same user, can join the run's keeper."""
    return secrets.token_hex(10)


@dataclass(frozen=True, slots=True)
class Place:
    """The directories of one session."""

    session_id: str
    home: Path

    @classmethod
    def of(cls, session_id: str) -> Place:
        """Return the place of a session, touching nothing."""
        if not _SESSION_ID.fullmatch(session_id):
            msg = f"session id {session_id!r} is not 12 to 40 of a-z and 0-9; take one from new_session_id()"
            raise ServiceError(msg)
        home = Path(tempfile.gettempdir()) / f"startup-{session_id}"
        if len(os.fsencode(home / "k.new")) > LONGEST_SOCKET_PATH:
            home = Path("/tmp") / home.name  # noqa: S108  # the one short place there is; 0700, and checked below
        return cls(session_id, home)

    @property
    def socket(self) -> Path:
        """Where the keeper listens."""
        return self.home / "k"

    @property
    def lock(self) -> Path:
        """Held by the one keeper of this session."""
        return self.home / "lock"

    @property
    def log(self) -> Path:
        """What the keeper had to say."""
        return self.home / "keeper.log"

    @property
    def containers(self) -> Path:
        """There while a keeper may have containers, which nobody would look for else."""
        return self.home / "containers"

    def open(self) -> None:
        """Make the home, ours alone."""
        self.home.mkdir(mode=0o700, exist_ok=True)
        self.check()

    def check(self) -> None:
        """Refuse a home that somebody else put there."""
        if os.path.lexists(self.home) and not self.is_open():
            msg = f"{self.home} is there already and is not ours alone; remove it, or use another TMPDIR"
            raise ServiceError(msg)

    def is_open(self) -> bool:
        """Whether there is a home, and it is ours alone."""
        try:
            found = self.home.lstat()
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077

    def data_directories(self) -> Iterator[Path]:
        """Yield every place where this session's databases may be, the best first."""
        name = f"startup-{self.session_id}-data"
        yield Path("/dev/shm") / name  # noqa: S108  # memory; the directory itself is private
        yield self.home.parent / name
        yield Path("/var/tmp") / name  # noqa: S108

    @property
    def copies(self) -> Path:
        """Where programs are copied to when the servers' account cannot reach them; memory may forbid execution."""
        parent = self.home.parent if open_to_all(self.home.parent) else Path("/var/tmp")  # noqa: S108
        return parent / f"startup-{self.session_id}-bin"

    def end_servers(self) -> None:
        """End what a keeper of this session has left behind: one that was killed could not end its servers."""
        end_named(f"/startup-{self.session_id}-data/")
        end_tagged({self.session_id})
        if self.containers.exists():
            sweeping.remove_in_a_process({sweeping.SESSION_LABEL: self.session_id})

    def remove(self) -> None:
        """Remove every directory of this session; what is still being written to is removed again and again."""
        deadline = Deadline.after(REMOVE_SECONDS, "removing directories")
        for path in (*self.data_directories(), self.copies, self.home):
            shutil.rmtree(path, ignore_errors=True)
            while path.exists() and not deadline.expired:
                time.sleep(_REMOVE_PAUSE)
                shutil.rmtree(path, ignore_errors=True)

    def choose_data_directory(self, *, for_others: bool) -> Path:
        """Return the best place for databases: memory when there is room, else a temporary directory.

        `for_others`: servers run as another user, who has to get there.
        """
        memory, *disks = self.data_directories()
        if _writable(memory.parent) and shutil.disk_usage(memory.parent).free >= ROOM_FOR_DATA:
            return memory
        fit = (disk for disk in disks if _writable(disk.parent) and (open_to_all(disk.parent) or not for_others))
        return next(fit, disks[0])


def _writable(directory: Path) -> bool:
    return directory.is_dir() and os.access(directory, os.W_OK | os.X_OK)


def open_to_all(path: Path) -> bool:
    """Whether any user of this machine can reach `path` and use it (execute a file, enter a directory)."""
    try:
        return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))
    except OSError:
        return False
