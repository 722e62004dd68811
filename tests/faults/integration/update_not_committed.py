"""A change was answered from the session and never committed: it was there until the page was loaded again."""

from sqlalchemy import update

from agent_chat.main import app
from agent_chat.models import Thread
from agent_chat.store import Store, UnknownThreadError

__all__ = ["app"]


async def rename(self: Store, user_id: str, thread_id: str, title: str) -> Thread:
    """Leave the session without its end."""
    query = update(Thread).where(Thread.id == thread_id, Thread.user_id == user_id).values(title=title)
    async with self._session() as session:
        thread = await session.scalar(query.returning(Thread))
    if thread is None:
        raise UnknownThreadError(thread_id)
    return thread


Store.rename_thread = rename
