"""Start read every table into memory first: a second with the data of a test, minutes with those of production."""

from fastapi import FastAPI
from sqlalchemy import text

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("database")
async def read_everything(run: Run, app: FastAPI) -> None:
    """Take as long as a table of a million rows."""
    await run()
    async with app.state.database.session() as session:
        await session.execute(text("select pg_sleep(1.2)"))
