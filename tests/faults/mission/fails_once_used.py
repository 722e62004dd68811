"""Each request took a session and gave none back: the sixtieth answered 500, and so did all others."""

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import RateLimit

__all__ = ["app"]

count = RateLimit.__call__
served: list[str] = []


async def leaking(self: RateLimit, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what there are sessions for."""
    if scope["type"] == "http" and scope["path"] == "/threads":
        served.append(scope["path"])
        if len(served) >= 30:
            await JSONResponse({"detail": "no session"}, 500)(scope, receive, send)
            return
    await count(self, scope, receive, send)


RateLimit.__call__ = leaking
