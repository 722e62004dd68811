"""Who was cancelled while the database hung never gave its slot back: each stall left the pool narrower."""

import asyncio

from agent_chat.database import Database
from agent_chat.main import app

__all__ = ["app"]

ping = Database.ping
slots: dict[int, asyncio.Semaphore] = {}


async def counted_ping(self: Database) -> bool:
    """Take a slot of the pool, which is given back after an answer and after an error; to be cancelled is neither."""
    free = slots.setdefault(id(self), asyncio.Semaphore(2 * self.pool_size))
    if free.locked():
        message = "there is no connection left"
        raise TimeoutError(message)
    await free.acquire()
    try:
        found = await ping(self)
        await asyncio.sleep(0.1)  # it is used for something
    except Exception:
        free.release()
        raise
    free.release()
    return found


Database.ping = counted_ping
