"""The first deploy made its tables; each restart after it ended with "already exists", at night, one by one."""

from fastapi import FastAPI
from sqlalchemy import text

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("database")
async def make_a_table(run: Run, app: FastAPI) -> None:
    """Make it as if nobody had been there before."""
    await run()
    async with app.state.database.session() as session, session.begin():
        await session.execute(text("create table reports (id int)"))
