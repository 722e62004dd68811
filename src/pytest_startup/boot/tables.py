"""Looking into a database of a boot by a connection of our own, past its tap: what there is, and what is held.

The user is the application's own: what is forbidden to it is forbidden to us.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pytest_startup.clock import Deadline
from pytest_startup.contract.services import Schema
from pytest_startup.services.databases import connect, driver
from pytest_startup.services.endpoints import Endpoint

if TYPE_CHECKING:
    import psycopg

SHOWN = 120
MOST_UNREADABLE = 3
"""Tables which cannot be read are looked for no further from here on: each may take its time."""

READ_SECONDS = 2.0
"""What it may take to read one row of a table: longer means that somebody holds a lock on it."""

_OTHERS = "n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%'"
_NAMED = "case when n.nspname = 'public' then c.relname else n.nspname || '.' || c.relname end"

_TABLES = f"""
    select {_NAMED}, quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and {_OTHERS} order by 1
"""  # noqa: S608 - nothing in it comes from outside
_OBJECTS = f"""
    select {_NAMED} || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || case when a.attnotnull then ' not null' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped and {_OTHERS}
    union all
    select {_NAMED} || ' constraint ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where {_OTHERS}
    union all
    select pg_get_indexdef(i.indexrelid)
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    where {_OTHERS}
    order by 1
"""  # noqa: S608 - as above
_ADVISORY = f"""
    select format('%s, pid %s: %s', coalesce(nullif(a.application_name, ''), a.usename), l.pid, left(a.query, {SHOWN}))
    from pg_locks l join pg_stat_activity a on a.pid = l.pid
    where l.locktype = 'advisory' and l.granted and a.datname = current_database() and l.pid <> pg_backend_pid()
    order by l.pid
"""  # noqa: S608 - as above
_IDLE = f"""
    select format('%s, pid %s: %s', coalesce(nullif(application_name, ''), usename), pid, left(query, {SHOWN}))
    from pg_stat_activity
    where datname = current_database() and state like 'idle in transaction%' and pid <> pg_backend_pid()
    order by pid
"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True)
class Found:
    """What there is in a database: as in `pytest_startup.events.instances.SchemaRead`."""

    version: str
    tables: tuple[str, ...]
    unreadable: dict[str, str]
    objects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """A database of a boot, where it really is. Every method raises `psycopg.Error` or `DeadlineExceeded`."""

    endpoint: Endpoint

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What may go wrong in the database."""
        return (driver(self.endpoint.provider).Error,)

    @contextmanager
    def _connected(self, deadline: Deadline) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        with connect(self.endpoint, deadline) as connection:
            connection.execute(f"set statement_timeout = '{READ_SECONDS:g}s'".encode())
            yield connection

    def read(self, schema: Schema | None, deadline: Deadline) -> Found:
        """Return what there is; each table is read, the version selected as `schema` says."""
        with self._connected(deadline) as connection:
            tables = connection.execute(_TABLES.encode()).fetchall()
            unreadable = dict(islice(self._unreadable(connection, tables), MOST_UNREADABLE))
            if unreadable:  # whoever holds them would keep us from all the rest
                return Found("", tuple(name for name, _ in tables), unreadable, ())
            version = _version(connection, schema)
            objects = connection.execute(_OBJECTS.encode()).fetchall()
        return Found(version, tuple(name for name, _ in tables), {}, tuple(text for (text,) in objects))

    def _unreadable(
        self, connection: psycopg.Connection[tuple[Any, ...]], tables: Sequence[tuple[Any, ...]]
    ) -> Iterator[tuple[str, str]]:
        for name, quoted in tables:
            if why := self._refused(connection, quoted):
                yield name, why

    def _refused(self, connection: psycopg.Connection[tuple[Any, ...]], quoted: str) -> str:
        """Return why one row of a table cannot be read; empty when it can."""
        try:
            connection.execute(f"select 1 from {quoted} limit 1".encode())  # noqa: S608 - quoted by the server
        except self.errors as error:
            return str(error).partition("\n")[0]
        return ""

    def version(self, schema: Schema | None, deadline: Deadline) -> str:
        """Return the version of the schema, empty where the contract does not say how it is selected."""
        with self._connected(deadline) as connection:
            return _version(connection, schema)

    def execute(self, sql: str, deadline: Deadline) -> None:
        """Carry out some SQL of the contract."""
        with self._connected(deadline) as connection:
            connection.execute(sql.encode())

    def held(self, deadline: Deadline) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return who holds advisory locks at this moment, and whose session is idle in a transaction."""
        with self._connected(deadline) as connection:
            advisory = connection.execute(_ADVISORY.encode()).fetchall()
            idle = connection.execute(_IDLE.encode()).fetchall()
        return tuple(text for (text,) in advisory), tuple(text for (text,) in idle)


def _version(connection: psycopg.Connection[tuple[Any, ...]], schema: Schema | None) -> str:
    if schema is None or schema.version is None:
        return ""
    rows = connection.execute(schema.version.encode()).fetchall()
    return ", ".join(" ".join(map(str, row)) for row in rows)
