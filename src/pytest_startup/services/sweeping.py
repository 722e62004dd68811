"""Taking containers away, by labels which nobody can guess; also when the keeper which had made them was killed.

A keeper has a guardian: a process which watches it and nothing else. Containers are children of their daemon, not ours,
so unlike a server they would go on for ever. Run as `python -m pytest_startup.services.sweeping`, told all through its
standard input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pytest_startup.clock import Deadline
from pytest_startup.services.watching import Watch, created, wait_for_end

SESSION_LABEL = "pytest-startup.session"
KEEPER_LABEL = "pytest-startup.keeper"

MAKING_SECONDS = 5.0
"""How long a container that is being made is waited for, to take it away at once."""

REMOVE_SECONDS = 8.0
STRAGGLERS_SECONDS = 2.0
"""How long we go on looking after a keeper that was killed: its daemon may still be making what it had asked for."""

_COMMAND = ("-P", "-W", "ignore", "-m", "pytest_startup.services.sweeping")
_PAUSE = 0.05
_AT_ONCE = 4

Labels = Mapping[str, str]


def labels_of(session_id: str, keeper: str) -> dict[str, str]:
    """Return the labels of every container that this keeper of the session makes."""
    return {SESSION_LABEL: session_id, KEEPER_LABEL: keeper}


def remove(labels: Labels, stragglers: float = 0.0) -> None:
    """Remove every container that carries all these labels, with its volumes, until none is left.

    Goes on looking for `stragglers` seconds after the last one was seen. Whoever else removes one meanwhile is welcome.
    """
    from pytest_startup.services.daemon import client_of  # noqa: PLC0415  # as is docker's own library

    # A daemon that is slow today must not be given up: what is not removed now, nobody removes.
    client = client_of("containers", hello=REMOVE_SECONDS).client
    deadline, last = Deadline.after(REMOVE_SECONDS, "removing containers"), Deadline.after(stragglers, "looking")
    filters = {"label": [f"{name}={value}" for name, value in labels.items()]}
    pause = threading.Event()
    while not deadline.expired:
        found = _found(client, filters)
        if not found and last.expired:
            break
        if found:
            last = Deadline.after(stragglers, "looking")
            with ThreadPoolExecutor(_AT_ONCE) as workers:
                list(workers.map(lambda container: _remove(client, container), found))
        pause.wait(_PAUSE)
    client.close()


def _found(client: Any, filters: Mapping[str, list[str]]) -> list[str]:  # noqa: ANN401  # docker's client
    """Return the ids of all containers which fit; they may be gone by now."""
    return [each["Id"] for each in client.api.containers(all=True, filters=filters)]


def _remove(client: Any, container: str) -> None:  # noqa: ANN401  # docker's client
    """Remove one container; that it is gone by now, or going, is as good, and what fails is tried again."""
    from pytest_startup.services.daemon import failures  # noqa: PLC0415  # as above

    with suppress(*failures()):
        client.api.remove_container(container, v=True, force=True)


def remove_in_a_process(labels: Labels) -> None:
    """Remove them from a process of tests, whose warnings and modules are none of our business; never raises."""
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, *_COMMAND],
            input=json.dumps({"labels": dict(labels)}).encode(),
            cwd="/",
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=REMOVE_SECONDS + STRAGGLERS_SECONDS,
            check=False,
        )


@dataclass(frozen=True, slots=True)
class Guardian:
    """The process which takes the containers away when the keeper was killed."""

    process: subprocess.Popen[bytes]

    @classmethod
    def start(cls, labels: Labels, owner: int, session_id: str) -> Self:
        """Start the guardian of this very process; `owner` is the root process of the run."""
        told = {
            "labels": dict(labels),
            "session": session_id,
            "watched": {str(pid): created(pid) or 0.0 for pid in (os.getpid(), owner)},
        }
        process = subprocess.Popen(
            [sys.executable, *_COMMAND],
            cwd="/",
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if process.stdin is not None:
            with process.stdin as stream:
                stream.write(json.dumps(told).encode())
        return cls(process)

    def dismiss(self) -> None:
        """End it: there is nothing left to guard."""
        self.process.kill()
        self.process.wait()


def _environment() -> dict[str, str]:
    """Return ours, with this package importable."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return {**os.environ, "PYTHONPATH": path}


def main() -> None:
    """Do what we are told: remove at once, or when the keeper is gone; with the owner gone too, all of the session."""
    read = sys.stdin.buffer.read()
    if not read:  # the keeper was killed before it had made anything
        return
    told: dict[str, Any] = json.loads(read)
    if "watched" in told:
        _guard(told)
    else:
        remove(told["labels"], STRAGGLERS_SECONDS)


def _guard(told: Mapping[str, Any]) -> None:
    """Wait until the keeper has gone; then take its containers away, and the whole session where nobody is left."""
    from pytest_startup.services.places import Place  # noqa: PLC0415  # which imports us

    keeper, owner = (Watch.on(int(pid), born) for pid, born in told["watched"].items())
    reader, _writer = os.pipe()
    wait_for_end(keeper, reader)
    place, alone = Place.of(told["session"]), owner.gone()
    remove({SESSION_LABEL: place.session_id} if alone else told["labels"], STRAGGLERS_SECONDS)
    if alone:
        place.containers.unlink(missing_ok=True)
    if owner.gone() and place.is_open():
        place.end_servers()
        place.remove()


if __name__ == "__main__":
    main()
