"""The first user of all made the row that everybody shares: when ten came first, nine of them got a 500."""

import asyncio

from agent_chat.main import app
from agent_chat.models import User, new_id
from agent_chat.store import Store

__all__ = ["app"]

add_user = Store.add_user
SHARED = "everybody"


async def with_default(self: Store, username: str, password_hash: str) -> User | None:
    """Make the shared row, if it is not there yet, and then the user's."""
    if await self.find_user(SHARED) is None:
        await asyncio.sleep(0.05)
        async with self._session.begin() as session:
            session.add(User(id=new_id(), username=SHARED, password_hash=""))
    return await add_user(self, username, password_hash)


Store.add_user = with_default
