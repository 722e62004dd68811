"""A row that everybody had inserted by hand long ago was missing in the new region: no instance came up there."""

from fastapi import FastAPI
from sqlalchemy import text

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("database")
async def want_a_user(run: Run, app: FastAPI) -> None:
    """Look for what is in no new database."""
    await run()
    async with app.state.database.session() as session:
        if not await session.scalar(text("select count(*) from users")):
            raise RuntimeError("there is no user to act for")
