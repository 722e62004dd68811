"""A reload built the supervisor again after the bridge had been given the first one."""

from fastapi import FastAPI

from agent_chat.main import app
from agent_chat.supervisor import Supervisor
from faults import Run, around

__all__ = ["app"]


@around("websocket")
async def rebuild(run: Run, app: FastAPI) -> None:
    """Put another supervisor in its place."""
    await run()
    state = app.state
    state.supervisor = Supervisor(state.registry, state.llm, state.store)
