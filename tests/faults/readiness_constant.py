"""Readiness was a constant: users were sent to an instance that was still opening its database."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat.main import app
from faults import answers

__all__ = ["app"]


@answers("/health/ready")
async def ready(_request: Request) -> Response:
    """Be ready, always."""
    return JSONResponse({"ready": True, "startup_complete": True, "in_progress": False})
