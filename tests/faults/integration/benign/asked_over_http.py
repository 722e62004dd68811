"""What users ask comes over HTTP, and its events over the WebSocket, before or after the answer to the request."""

import asyncio
from typing import Annotated, Any

from fastapi import Body, Request

from agent_chat.api import CurrentUser
from agent_chat.main import app

__all__ = ["app"]


async def post_message(
    request: Request, user: CurrentUser, content: Annotated[str, Body(embed=True)]
) -> dict[str, Any]:
    """Start the run of a message, and answer a while later."""
    run = await request.app.state.bridge.submit(str(user.id), None, "assistant", content)
    await asyncio.sleep(0.3)
    return {"run_id": run.id}


app.add_api_route("/messages", post_message, methods=["POST"], status_code=202)
