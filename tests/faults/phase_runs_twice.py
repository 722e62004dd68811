"""A retry around the whole phase ran it again after it had worked: two of everything, one of them in use."""

from fastapi import FastAPI

from agent_chat.main import app
from faults import Run, around

__all__ = ["app"]


@around("services")
async def twice(run: Run, _app: FastAPI) -> None:
    """Build everything, then build it again."""
    await run()
    await run()
