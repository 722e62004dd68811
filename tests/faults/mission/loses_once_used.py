"""The queue of notices was full after some requests: from then on each one logged a message that nobody got."""

import logging

from starlette.types import Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import RateLimit

__all__ = ["app"]

count = RateLimit.__call__
served: list[str] = []


async def overflowing(self: RateLimit, scope: Scope, receive: Receive, send: Send) -> None:
    """Log a loss once there have been many requests."""
    if scope["type"] == "http":
        served.append(scope["path"])
        if served.count("/threads") == 30:
            logging.getLogger("agent_chat.notices").warning("Cannot deliver message: the queue is full")
    await count(self, scope, receive, send)


RateLimit.__call__ = overflowing
