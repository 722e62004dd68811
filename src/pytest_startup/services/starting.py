"""Starting the keeper: a process of its own, outside our session, which outlives us by a moment."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from pytest_startup.clock import Deadline
from pytest_startup.services.endpoints import ServiceOptions, to_wire
from pytest_startup.services.errors import KeeperLost
from pytest_startup.services.places import Place
from pytest_startup.services.watching import created

_COMMAND = ("-P", "-W", "ignore", "-m", "pytest_startup.services.keeper")
"""-P: the directory where the tests run must not provide modules. -W: a user's `-W error` is not meant for us."""

_LAST_LINES = 12


def start_keeper(place: Place, owner_pid: int, options: ServiceOptions, deadline: Deadline) -> None:
    """Start a keeper, and return once one listens, be it ours or one that was faster.

    Raises `KeeperLost` with what it said, or `DeadlineExceeded`.
    """
    born = created(owner_pid)
    if born is None:
        raise KeeperLost(f"owner process {owner_pid} of this run is gone", "")
    place.check()
    told = {"session": place.session_id, "owner": owner_pid, "born": born, "options": to_wire(options)}
    # It makes its home itself: if we are killed this moment, nobody would remove what we had made.
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, *_COMMAND],
            cwd="/",
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
        with process:
            _introduce(process, told)
            said = _first_line(process, deadline)
        if said != b"ready\n":
            log.seek(0)
            raise KeeperLost("starting", _last_lines(log.read()))


def _introduce(process: subprocess.Popen[bytes], told: Mapping[str, Any]) -> None:
    """Tell it all through its standard input: a URL with a password must not show in the list of processes."""
    stream: IO[bytes] | None = process.stdin
    with suppress(BrokenPipeError):
        if stream is not None:
            stream.write(json.dumps(told).encode())
            stream.close()


def _first_line(process: subprocess.Popen[bytes], deadline: Deadline) -> bytes:
    stream = process.stdout
    if stream is None:
        return b""
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        if not selector.select(deadline.remaining()):
            process.kill()
            deadline.check()
    return stream.readline()


def _environment() -> dict[str, str]:
    """Return ours, with this package importable, and without what would redirect a Postgres client."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (root, inherited.get("PYTHONPATH", "")) if part)
    return {**inherited, "PYTHONPATH": path}


def last_words(place: Place) -> str:
    """Return the end of the keeper's log."""
    with suppress(OSError):
        return _last_lines(place.log.read_bytes())
    return ""


def _last_lines(log: bytes) -> str:
    return "\n".join(log.decode(errors="replace").splitlines()[-_LAST_LINES:])
