"""Databases of ours on a Postgres, whoever runs it: made empty, cloned from a template, dropped again.

Every name starts with `startup_`, the session's id and a number, and only what was made here is ever dropped.
"""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_startup.clock import Deadline
from pytest_startup.errors import ServiceUnavailable
from pytest_startup.services.carriers import INSTALL
from pytest_startup.services.endpoints import Endpoint

if TYPE_CHECKING:
    import psycopg

OLDEST = 130000
"""The oldest server that we can use, as `server_version_num`: 13 brought DROP DATABASE ... WITH (FORCE)."""

_FILE_COPY_SINCE = 150000
_DROP_SECONDS = 5.0
_RETRY_PAUSE = 0.02


def driver(provider: str) -> Any:  # noqa: ANN401  # a module
    """Return psycopg, imported only when somebody really wants a Postgres."""
    try:
        import psycopg  # noqa: PLC0415
    except ImportError as error:
        raise ServiceUnavailable("postgres", provider, f"psycopg cannot be imported ({error})", INSTALL) from error
    return psycopg


def connect(endpoint: Endpoint, deadline: Deadline) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a connection which commits by itself; raises `psycopg.Error`, or `DeadlineExceeded`."""
    deadline.check()
    connection: psycopg.Connection[tuple[Any, ...]] = driver(endpoint.provider).connect(
        host=endpoint.host,
        port=endpoint.port,
        user=endpoint.user or None,
        password=endpoint.password or None,
        dbname=endpoint.database,
        connect_timeout=max(1, math.ceil(deadline.remaining())),
        application_name="pytest-startup",
        autocommit=True,
    )
    return connection


def answers(endpoint: Endpoint, deadline: Deadline) -> bool:
    """Whether a real login works by now."""
    psycopg = driver(endpoint.provider)
    with suppress(psycopg.Error), connect(endpoint, deadline):
        return True
    return False


def version_of(endpoint: Endpoint, deadline: Deadline) -> str:
    """Return what serves there, as in "Postgres 17.6"."""
    with connect(endpoint, deadline) as connection:
        number = connection.info.server_version
    return f"Postgres {number // 10000}.{number % 10000}"


@dataclass(slots=True)
class Databases:
    """Our databases on the server at `server`, whose `database` is only connected to for maintenance."""

    server: Endpoint
    prefix: str
    _made: set[str] = field(default_factory=set)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, deadline: Deadline, template: str | None = None) -> Endpoint:
        """Return a new database: a clone of the database `template`, or an empty one."""
        with self._lock:
            name = f"{self.prefix}_{next(self._numbers)}"
            self._made.add(name)
        with connect(self.server, deadline) as connection:
            while not self._created(connection, name, template, deadline):
                time.sleep(_RETRY_PAUSE)
        return replace(self.server, database=name)

    def _created(
        self,
        connection: psycopg.Connection[tuple[Any, ...]],
        name: str,
        template: str | None,
        deadline: Deadline,
    ) -> bool:
        """Create it; false when somebody is still connected to the source, and there is time to try again."""
        errors = driver(self.server.provider).errors
        deadline.check()
        try:
            connection.execute(_create(name, template, connection.info.server_version).encode())
        except errors.ObjectInUse:
            return False
        return True

    def seal(self, name: str, deadline: Deadline) -> None:
        """Let nobody connect to a template any more, and end who still is: only then can it be cloned."""
        with connect(self.server, deadline) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))

    def drop(self, names: Sequence[str]) -> None:
        """Drop databases that were made here, whoever is connected; never raises for a server that is gone."""
        mine = [name for name in names if name in self._made]
        deadline = Deadline.after(_DROP_SECONDS, "dropping databases")
        if not mine:
            return
        failure = driver(self.server.provider).Error
        with suppress(failure), connect(self.server, deadline) as connection:
            for name in mine:
                with suppress(failure):
                    connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
                    self._made.discard(name)

    def drop_all(self) -> None:
        """Drop everything that was made here."""
        self.drop(sorted(self._made))


def _create(name: str, template: str | None, version: int) -> str:
    """Return the statement. FILE_COPY takes half the time of the default when nothing is synced to a disk."""
    if template is None:
        return f'CREATE DATABASE "{name}"'
    strategy = " STRATEGY file_copy" if version >= _FILE_COPY_SINCE else ""
    return f'CREATE DATABASE "{name}" TEMPLATE "{template}"{strategy}'
