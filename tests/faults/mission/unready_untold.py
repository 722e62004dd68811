"""The port was open from the beginning, and readiness waited for startup instead of saying that it was not over."""

import asyncio

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.orchestrator import startup_of
from faults import Run, answers, around
from faults.benign.background_startup import app

__all__ = ["app"]


@answers("/health/ready")
async def ready(request: Request) -> Response:
    """Wait, then say that it is ready."""
    while not startup_of(request.app).complete:  # noqa: ASYNC110 - that is the mistake
        await asyncio.sleep(0.05)
    return JSONResponse({"ready": True, "startup_complete": True, "in_progress": False})


@around("services")
async def slow(run: Run, _app: FastAPI) -> None:
    """Take longer than whoever asks has patience for."""
    await asyncio.sleep(1.5)
    await run()
