"""A name was imported before it was set and stayed None: "not configured", said the first login."""

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("dependencies")
async def forget(run: Run, app: FastAPI) -> None:
    """Lose what the phase has made."""
    await run()
    app.state.tokens = None
