"""A request for an unknown page ended the whole process, minutes after it had become ready."""

import os

from starlette.requests import Request
from starlette.responses import Response

from agent_chat.main import app

__all__ = ["app"]


@app.exception_handler(404)
async def crash(_request: Request, _error: Exception) -> Response:
    """End as a fault of a C library would."""
    os._exit(134)
