"""Brings the schema to its newest revision: in this process, once, however many instances start together."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

CONFIG_FILE = Path(__file__).parent.parent / "alembic.ini"
LOCK_KEY = 0x61_67_65_6E_74  # any number which nothing else in this database takes
LOCK_SECONDS = 3


async def migrate(engine: AsyncEngine) -> None:
    """Upgrade to head, in one transaction.

    The advisory lock belongs to the transaction: a second instance waits until the first has committed, then
    finds nothing left to do, and an instance which dies leaves no lock behind.
    """
    async with engine.begin() as connection:
        await connection.execute(text(f"set local lock_timeout = '{LOCK_SECONDS}s'"))
        await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    config = Config(CONFIG_FILE)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
