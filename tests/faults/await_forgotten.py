"""A function became async and one caller did not: the cache was never warmed."""

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("cache")
async def warm(run: Run, app: FastAPI) -> None:
    """Call without await."""
    await run()
    app.state.cache.ping()
