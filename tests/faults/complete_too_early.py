"""The flag that says complete was set one phase early: the first requests met a half-built instance."""

from fastapi import FastAPI

from agent_chat.checks import Checks
from agent_chat.main import app
from agent_chat.orchestrator import startup_of
from faults import Run, around

__all__ = ["app"]


@around("finalize")
async def be_early(run: Run, app: FastAPI) -> None:
    """Say complete, then do the rest."""
    app.state.checks = Checks([], list)
    startup_of(app).succeed()
    await run()
