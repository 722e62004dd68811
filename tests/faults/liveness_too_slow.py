"""Liveness asked the database, and a busy database made it slower than its probe allows."""

import asyncio

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.main import app
from agent_chat.orchestrator import startup_of
from faults import answers

__all__ = ["app"]


@answers("/health/live")
async def live(request: Request) -> Response:
    """Take a second once it matters."""
    if startup_of(request.app).complete:
        await asyncio.sleep(1.0)
    return JSONResponse({"alive": True})
