"""Liveness failed its own response model as soon as there was something to tell: healthy instances were killed."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.main import app
from agent_chat.orchestrator import startup_of
from faults import answers

__all__ = ["app"]


@answers("/health/live")
async def live(request: Request) -> Response:
    """Fail once startup is complete."""
    return JSONResponse({}, 500 if startup_of(request.app).complete else 200)
