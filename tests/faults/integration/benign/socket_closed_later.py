"""Sockets are accepted first and closed with 4401 when their token turns out to be bad, so that browsers learn why."""

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket

from agent_chat import chat
from agent_chat.main import app

__all__ = ["app"]


class Accepting(WebSocket):
    """A socket which is accepted before it is refused."""

    async def close(self, code: int = 1000, reason: str | None = None) -> None:
        """Accept it, and say why it is closed."""
        if code == chat.POLICY_VIOLATION:
            await self.accept()
            code = 4401
        await super().close(code, reason)


serve = next(route for route in chat.router.routes if route.path == "/ws/chat").endpoint


async def later(socket: WebSocket) -> None:
    """Serve the chat by a socket of this sort."""
    await serve(Accepting(socket.scope, socket._receive, socket._send))


app.router.routes.insert(0, WebSocketRoute("/ws/chat", later))
