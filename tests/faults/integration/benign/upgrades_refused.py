"""There is room for so many connections; who comes beyond that is told by a 503, before the socket is accepted."""

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from agent_chat.main import app

__all__ = ["app"]

ROOM = 40


class Room:
    """Lets so many sockets in."""

    def __init__(self, inner: ASGIApp) -> None:
        """Stand before `inner`."""
        self.inner, self.there = inner, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have one more socket served, or refused."""
        if scope["type"] != "websocket":
            await self.inner(scope, receive, send)
        elif self.there >= ROOM:
            await Response("full", 503, {"Retry-After": "1"})(scope, receive, send)
        else:
            self.there += 1
            try:
                await self.inner(scope, receive, send)
            finally:
                self.there -= 1


app.add_middleware(Room)
