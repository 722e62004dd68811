"""The body said "not ready" under a status of 200, and load balancers read no bodies."""

from starlette.requests import Request
from starlette.responses import Response

from agent_chat import health
from agent_chat.main import app
from faults import answers

__all__ = ["app"]


@answers("/health/ready")
async def ready(request: Request) -> Response:
    """Tell the truth where nobody looks."""
    response = await health.ready(request)
    response.status_code = 200
    return response
