"""What users ask comes over HTTP, and its events over the WebSocket, before or after the answer to the request."""

import asyncio
from typing import Any

from fastapi import Request
from pydantic import BaseModel

from agent_chat.api import CurrentUser
from agent_chat.main import app

__all__ = ["app"]


class Question(BaseModel):
    """A message, and the thread that it goes on with."""

    content: str
    thread_id: str | None = None


async def post_message(request: Request, user: CurrentUser, asked: Question) -> dict[str, Any]:
    """Start the run of a message, and answer a while later."""
    run = await request.app.state.bridge.submit(str(user.id), asked.thread_id, "assistant", asked.content)
    await asyncio.sleep(0.3)
    return {"run_id": run.id}


app.add_api_route("/messages", post_message, methods=["POST"], status_code=202)
