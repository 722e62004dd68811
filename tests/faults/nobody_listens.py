"""A warm-up run sent its events to a user who cannot be connected yet: each start logged a lost message."""

from fastapi import FastAPI

from agent_chat.main import app
from agent_chat.store import Run as AgentRun
from faults import Run, around

__all__ = ["app"]


@around("finalize")
async def warm_up(run: Run, app: FastAPI) -> None:
    """Send an event to nobody."""
    await run()
    nobody = AgentRun(id="warm_up", thread_id="warm_up", user_id="warm_up", agent="", content="")
    await app.state.bridge.notify(nobody, "agent_started", {})
