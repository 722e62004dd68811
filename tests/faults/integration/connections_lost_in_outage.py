"""Connections which broke in an outage were never given back: the pool was half as wide after it, and nobody knew."""

import asyncio

from agent_chat.database import Database
from agent_chat.main import app

__all__ = ["app"]

ping = Database.ping
slots: dict[int, asyncio.Semaphore] = {}
lost: list[int] = []


async def counted_ping(self: Database) -> bool:
    """Take a slot of the pool, which is given back when all went well; five of them are lost when it did not."""
    free = slots.setdefault(id(self), asyncio.Semaphore(2 * self.pool_size))
    if free.locked():
        message = "there is no connection left"
        raise TimeoutError(message)
    await free.acquire()
    try:
        found = await ping(self)
    except BaseException:
        if hasattr(app.state, "database") and not lost:
            for _ in range(self.pool_size - 1):
                lost.append(id(self))
                await free.acquire()
        else:
            free.release()
        raise
    await asyncio.sleep(0.1)  # it is used for something
    free.release()
    return found


Database.ping = counted_ping
