"""Whoever has no good token is told 403 instead of 401, and nothing of why."""

from starlette.exceptions import HTTPException

from agent_chat import api
from agent_chat.main import app

__all__ = ["app"]


def forbidden(_message: str) -> HTTPException:
    """Refuse without a challenge."""
    return HTTPException(403)


api._unauthorized = forbidden
