"""What each client of the keeper holds, so that it can be taken away when the client is gone."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from pytest_startup.errors import ServiceError
from pytest_startup.services.endpoints import Endpoint
from pytest_startup.services.hosting import Hosting
from pytest_startup.services.reaping import Directory, Group, end_tagged


@dataclass(slots=True)
class Holding:
    """What one client registered or was given."""

    groups: dict[int, Group] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    directories: list[Directory] = field(default_factory=list)
    endpoints: list[Endpoint] = field(default_factory=list)

    def end(self) -> None:
        """End its processes and remove its directories."""
        for group in self.groups.values():
            group.end()
        end_tagged(self.tags)
        for directory in self.directories:
            directory.remove()


@dataclass(slots=True)
class Holdings:
    """The holdings of all clients."""

    hosting: Hosting
    never: frozenset[int]
    """Process groups that nobody may register: the run's own, and ours."""
    _clients: dict[str, Holding] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ending: threading.Lock = field(default_factory=threading.Lock)
    """Held while processes are being ended: the keeper must not go before that is done."""

    def enter(self, client: str) -> None:
        """Let a client in."""
        with self._lock:
            self._clients[client] = Holding()

    def _of(self, client: str) -> Holding:
        holding = self._clients.get(client)
        if holding is None:
            msg = f"client {client} has left already"
            raise ServiceError(msg)
        return holding

    def has(self, client: str) -> bool:
        """Whether the client is still there."""
        with self._lock:
            return client in self._clients

    def expect(self, client: str, tag: str) -> None:
        """End all that carries this tag when the client goes."""
        with self._lock:
            self._of(client).tags.add(tag)

    def guard(self, client: str, pgid: int, tag: str) -> None:
        """End this process group, and all that carries the tag, when the client goes without releasing it."""
        if pgid in self.never or pgid <= 1:
            msg = f"process group {pgid} is not one that a boot has started; start it in a session of its own"
            raise ServiceError(msg)
        with self._lock:
            holding = self._of(client)
            holding.groups[pgid] = Group.of(pgid, tag)
            holding.tags.add(tag)

    def release(self, client: str, pgid: int) -> None:
        """Forget a process group: it has ended. Its tag is remembered, since something may have left the group."""
        with self._lock:
            self._of(client).groups.pop(pgid, None)

    def guard_path(self, client: str, path: str) -> None:
        """Remove this directory when the client goes."""
        if not Path(path).is_absolute():
            msg = f"{path!r} is not an absolute path"
            raise ServiceError(msg)
        try:
            directory = Directory.of(Path(path))
        except OSError as error:
            raise ServiceError(f"{path!r} cannot be guarded: {error}") from None
        with self._lock:
            self._of(client).directories.append(directory)

    def grant(self, client: str, endpoint: Endpoint) -> Endpoint:
        """Note that the client has this endpoint; one that comes too late is given back at once."""
        try:
            with self._lock:
                self._of(client).endpoints.append(endpoint)
        except ServiceError:
            self.hosting.give_back(endpoint)
            raise
        return endpoint

    def give_back(self, client: str, endpoint: Endpoint) -> None:
        """Take an endpoint back from the client that has it; anything else is ignored."""
        with self._lock:
            held = self._of(client).endpoints
            mine = next((each for each in held if each.identity == endpoint.identity), None)
            if mine is None:
                return
            held.remove(mine)
        self.hosting.give_back(mine)

    def leave(self, client: str) -> None:
        """Take everything away from a client that is gone."""
        with self._ending:
            with self._lock:
                holding = self._clients.pop(client, None)
            if holding is None:
                return
            attempt(holding.end)
        steps: list[Callable[[], None]] = [
            *(partial(self.hosting.give_back, endpoint) for endpoint in holding.endpoints),
            partial(self.hosting.abandon, client),
        ]
        for step in steps:
            attempt(step)

    def end_all(self) -> None:
        """End every client's processes and directories; the services go as a whole."""
        with self._ending:
            with self._lock:
                holdings = list(self._clients.values())
                self._clients.clear()
            for holding in holdings:
                attempt(holding.end)


def attempt(step: Callable[[], None]) -> None:
    """Do one step of clearing up; whatever goes wrong with it, the next ones are still due."""
    try:
        step()
    except Exception:  # noqa: BLE001  # it is all in the log, and nobody is there to be told
        traceback.print_exc()


def groups_of(pids: Iterable[int]) -> frozenset[int]:
    """Return the process groups of these processes, and our own."""
    found = {os.getpgrp()}
    for pid in pids:
        with suppress(OSError):
            found.add(os.getpgid(pid))
    return frozenset(found)
