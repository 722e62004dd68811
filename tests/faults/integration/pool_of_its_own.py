"""Each deploy left a pool behind which nobody closed, until Postgres said that there were too many clients."""

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("finalize")
async def report(run: Run, app: FastAPI) -> None:
    """Ask the database something, on connections of its own."""
    engine = create_async_engine(app.state.settings.database_url)
    app.state.reporting = await engine.connect()
    await app.state.reporting.execute(text("select 1"))
    await run()
