"""Readiness waited longer for its checks than any probe waits for readiness: a restart loop."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from agent_chat import health
from agent_chat.main import app
from agent_chat.orchestrator import startup_of
from faults import answers

__all__ = ["app"]


@answers("/health/ready")
async def ready(request: Request) -> Response:
    """Take a second once it matters."""
    if startup_of(request.app).complete:
        await asyncio.sleep(1.0)
    return await health.ready(request)
