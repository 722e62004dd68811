"""Messages over HTTP were accepted and put into a queue that nobody reads: 202, and not one event."""

from typing import Annotated, Any

from fastapi import Body, Request

from agent_chat.api import CurrentUser
from agent_chat.main import app

__all__ = ["app"]


async def post_message(
    request: Request, user: CurrentUser, content: Annotated[str, Body(embed=True)]
) -> dict[str, Any]:
    """Take a message."""
    request.app.state.queue = [(user.id, content)]
    return {"queued": True}


app.add_api_route("/messages", post_message, methods=["POST"], status_code=202)
