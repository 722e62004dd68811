"""The Postgres pool."""

import asyncio
from collections.abc import Awaitable, Callable

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, async_sessionmaker, create_async_engine

CONNECT_SECONDS = 2.0
QUERY_SECONDS = 3.0
POOL_SECONDS = 2.0

NOT_UP = ("57P01", "57P03", "53300", "08000", "08003", "08006")
"""SQLSTATEs of a server which starts, stops or is full: another attempt may succeed."""


class DatabaseNotUpError(ConnectionError):
    """The server is there, and takes no connection yet."""


class Database:
    """A pool of `pool_size` connections which stay open, and as many again under load."""

    def __init__(self, url: str, *, pool_size: int) -> None:
        self.pool_size = pool_size
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=POOL_SECONDS,
            pool_pre_ping=True,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": QUERY_SECONDS,
                "server_settings": {"application_name": "agent_chat"},
            },
        )
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.session = async_sessionmaker(self.engine, expire_on_commit=False)

    async def ping(self) -> bool:
        """Run a statement on a connection of the pool; True when the server answered it."""
        async with self._autocommit.connect() as connection:
            return bool(await connection.scalar(text("select 1")) == 1)

    async def reach(self, then: Callable[[], Awaitable[None]]) -> None:
        """Ask the server, do something with it, and raise an `OSError` when it may succeed the next time.

        That is so when the server is only not up yet, or when a connection breaks in the middle.
        """
        try:
            await self.ping()
            await then()
        except DBAPIError as error:
            if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in NOT_UP:
                raise DatabaseNotUpError(str(error.orig)) from error
            raise

    async def warm(self) -> None:
        """Open all connections of the pool, so that the first users do not wait for them."""
        opening = (_opened(self.engine.connect()) for _ in range(self.pool_size))
        opened = await asyncio.gather(*opening, return_exceptions=True)
        connections = [each for each in opened if isinstance(each, AsyncConnection)]
        await asyncio.gather(*(connection.close() for connection in connections))
        for each in opened:
            if isinstance(each, BaseException):
                raise each

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def _opened(connection: AsyncConnection) -> AsyncConnection:
    return await connection.start()
