"""Room for many sockets in this process: its limit of open files is raised while they are needed, and no longer."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

SPARE = 64
"""Descriptors which whatever else we do may need meanwhile."""


@dataclass(frozen=True, slots=True)
class Room:
    """For how many users there is room; `lack` says why not for all, and is empty when there is."""

    users: int
    lack: str = ""


@contextmanager
def room_for(users: int, each: int = 1) -> Iterator[Room]:
    """Make room for so many users with `each` so many sockets, until the end of the block.

    The soft limit is raised as far as the hard one allows; children that were started before keep theirs.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = psutil.Process().num_fds() + SPARE
    needed = taken + users * each
    if soft == resource.RLIM_INFINITY or needed <= soft:
        yield Room(users)
        return
    most = _raise_to(needed, soft, hard)
    try:
        room = max(0, (most - taken) // each)
        why = f"this process may have {most} files open (ulimit -Hn), which is room for {room} of {users} users"
        yield Room(users) if room >= users else Room(room, why)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _raise_to(needed: int, soft: int, hard: int) -> int:
    """Return the soft limit after raising it as far as needed and possible."""
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError):  # the system has a limit of its own, below the hard one
        return soft
    return wanted
