"""What adds the headers passed WebSockets by: the denial of an upgrade, an answer like any other, had none of them."""

from starlette.types import Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import SecurityHeaders

__all__ = ["app"]

everywhere = SecurityHeaders.__call__


async def on_requests(self: SecurityHeaders, scope: Scope, receive: Receive, send: Send) -> None:
    """Add the headers to answers of requests alone."""
    if scope["type"] == "websocket":
        await self._app(scope, receive, send)
    else:
        await everywhere(self, scope, receive, send)


SecurityHeaders.__call__ = on_requests
