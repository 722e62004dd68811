"""Health tells more than the contract knows."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from agent_chat import health
from agent_chat.main import app
from faults import answers

__all__ = ["app"]


@answers("/health/ready")
async def ready(request: Request) -> Response:
    """Add to what the example says."""
    response = await health.ready(request)
    body = json.loads(bytes(response.body))
    return JSONResponse({**body, "version": "1.4.2", "errors": [], "ready_since": None}, response.status_code)


@answers("/health/live")
async def live(_request: Request) -> Response:
    """Say it in more words."""
    return JSONResponse({"alive": True, "uptime": 0.0, "status": "UP"})
