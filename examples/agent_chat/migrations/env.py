"""How alembic reaches the database: on the connection it is given, or on one of its own from DATABASE_URL."""

import asyncio
import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from agent_chat.models import Base


def run(connection: Connection) -> None:
    """Run the wanted migrations on this connection."""
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def run_on_own_connection() -> None:
    """Run the wanted migrations from the command line."""
    engine = create_async_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
elif given is not None:
    run(given)
else:
    # Only here: inside the application it would silence the loggers which are already set up.
    fileConfig(context.config.config_file_name or "alembic.ini")
    asyncio.run(run_on_own_connection())
