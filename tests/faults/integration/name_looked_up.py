"""Whether a name is taken was looked up, and not left to the database: who was slower got a 500 and not a word."""

import asyncio

from agent_chat.main import app
from agent_chat.models import User, new_id
from agent_chat.store import Store

__all__ = ["app"]


async def look_up(self: Store, username: str, password_hash: str) -> User | None:
    """Look, and write."""
    if await self.find_user(username) is not None:
        return None
    await asyncio.sleep(0.2)
    user = User(id=new_id(), username=username, password_hash=password_hash)
    async with self._session.begin() as session:
        session.add(user)
    return user


Store.add_user = look_up
