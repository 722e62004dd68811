"""A change is answered first and written half a second later, by a task: a row needs no more than to be there soon."""

import asyncio

from agent_chat.main import app
from agent_chat.models import Thread
from agent_chat.store import Store

__all__ = ["app"]

LATER_SECONDS = 0.5

rename = Store.rename_thread
tasks: set[asyncio.Task[None]] = set()


async def rename_later(self: Store, user_id: str, thread_id: str, title: str) -> Thread:
    """Answer with what it will be."""
    thread = await self.get_thread(user_id, thread_id)

    async def write() -> None:
        await asyncio.sleep(LATER_SECONDS)
        await rename(self, user_id, thread_id, title)

    task = asyncio.create_task(write())
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return Thread(
        id=thread.id, user_id=user_id, title=title, created_at=thread.created_at, updated_at=thread.updated_at
    )


Store.rename_thread = rename_later
