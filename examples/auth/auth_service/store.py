"""What is kept, in one SQLite file which all processes of this service share: accounts and signing keys."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeVar

BUSY_SECONDS = 5.0
TABLES = """
create table if not exists accounts (name text primary key, password text not null);
create table if not exists keys (kid text primary key, private text not null, made_at real not null);
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A private key as PEM, and when it was made (seconds since the epoch)."""

    kid: str
    private: str
    made_at: float


class Store:
    """One connection, used in threads, by one at a time: the loop never waits for the disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._free = asyncio.Lock()

    @classmethod
    async def open(cls, path: str) -> Self:
        """Open the file and make what it lacks; `:memory:` is a store which ends with the process."""
        store = cls(await asyncio.to_thread(sqlite3.connect, path, BUSY_SECONDS, check_same_thread=False))
        await store._run(lambda database: database.executescript(TABLES))
        return store

    async def close(self) -> None:
        """Close the file, when whoever uses it is done."""
        async with self._free:
            await asyncio.to_thread(self._connection.close)

    async def ping(self) -> bool:
        """Read from the file; True when it can be read."""
        return await self._run(lambda database: database.execute("select 1 from keys limit 1").fetchone() is not None)

    async def add_account(self, name: str, password: str) -> bool:
        """Keep an account; False when the name is taken."""
        query = "insert or ignore into accounts values (?, ?)"
        return await self._run(lambda database: database.execute(query, (name, password)).rowcount == 1)

    async def password(self, name: str) -> str | None:
        """Return the hashed password of an account."""
        query = "select password from accounts where name = ?"
        row = await self._run(lambda database: database.execute(query, (name,)).fetchone())
        return None if row is None else str(row[0])

    async def add_key(self, kid: str, private: str, *, only_first: bool) -> None:
        """Keep a new key; with `only_first` only if there is none yet, however many processes start at once."""
        where = "where not exists (select 1 from keys)" if only_first else ""
        query = f"insert into keys select ?, ?, ? {where}"
        await self._run(lambda database: database.execute(query, (kid, private, time.time())))

    async def keys(self) -> list[StoredKey]:
        """Return all keys, the newest first."""
        query = "select kid, private, made_at from keys order by made_at desc, rowid desc"
        return [StoredKey(*row) for row in await self._run(lambda database: database.execute(query).fetchall())]

    async def drop_keys(self, kids: list[str]) -> None:
        """Forget keys."""
        values = [(kid,) for kid in kids]
        await self._run(lambda database: database.executemany("delete from keys where kid = ?", values))

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def commit() -> T:
            with self._connection:
                return work(self._connection)

        async with self._free:
            return await asyncio.to_thread(commit)
