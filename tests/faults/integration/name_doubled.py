"""The unique index was lost in a migration: one name had several users, and whoever logged in was one of them."""

import asyncio

from fastapi import FastAPI
from sqlalchemy import select, text

from agent_chat.main import app
from agent_chat.models import User, new_id
from agent_chat.store import Store
from faults import Run, around

__all__ = ["app"]


@around("database")
async def without_index(run: Run, app: FastAPI) -> None:
    """Take away what keeps names apart."""
    await run()
    async with app.state.database.engine.begin() as connection:
        await connection.execute(text("alter table users drop constraint if exists users_username_key cascade"))
        await connection.execute(text("drop index if exists ix_users_username"))


async def find_any(self: Store, username: str) -> User | None:
    """Return one of those who have this name."""
    async with self._session() as session:
        return (await session.scalars(select(User).where(User.username == username).limit(1))).first()


async def look_up(self: Store, username: str, password_hash: str) -> User | None:
    """Look, and write."""
    if await find_any(self, username) is not None:
        return None
    await asyncio.sleep(0.2)
    user = User(id=new_id(), username=username, password_hash=password_hash)
    async with self._session.begin() as session:
        session.add(user)
    return user


Store.add_user = look_up
Store.find_user = find_any
