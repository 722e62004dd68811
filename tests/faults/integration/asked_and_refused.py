"""Messages over HTTP were validated by a newer schema than clients have: 422, and no event ever."""

from typing import Annotated, Any

from fastapi import Body, HTTPException, Request

from agent_chat.api import CurrentUser
from agent_chat.main import app

__all__ = ["app"]


async def post_message(
    request: Request, user: CurrentUser, content: Annotated[str, Body(embed=True)]
) -> dict[str, Any]:
    """Refuse a message."""
    raise HTTPException(422, f"{user.id}: {len(content)} characters at {request.url.path}, and no thread")


app.add_api_route("/messages", post_message, methods=["POST"], status_code=202)
