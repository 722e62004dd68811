"""The pool was filled by a task a minute after startup: the first users after every deploy waited for connections."""

import asyncio

from agent_chat.database import Database
from agent_chat.main import app

__all__ = ["app"]

warm, close = Database.warm, Database.close
tasks: list[asyncio.Task[None]] = []


async def warm_later(self: Database) -> None:
    """Leave it to a task."""

    async def later() -> None:
        await asyncio.sleep(60)
        await warm(self)

    tasks.append(asyncio.create_task(later()))


async def close_all(self: Database) -> None:
    """End the task as well."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await close(self)


Database.warm, Database.close = warm_later, close_all
