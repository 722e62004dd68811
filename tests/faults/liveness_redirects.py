"""Liveness moved to a path with a slash at its end, and the probe does not follow redirects."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from agent_chat.main import app
from faults import answers

__all__ = ["app"]


@answers("/health/live")
async def live(_request: Request) -> Response:
    """Send the probe elsewhere."""
    return RedirectResponse("/health/live/")
