"""The gate answered sockets as it answers requests: every upgrade before ready was an exception in the log."""

from starlette.types import Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import ReadinessGate
from agent_chat.orchestrator import startup_of

__all__ = ["app"]

gate = ReadinessGate.__call__


async def confused(self: ReadinessGate, scope: Scope, receive: Receive, send: Send) -> None:
    """Take every scope for a request."""
    if scope["type"] == "websocket" and not startup_of(scope["app"]).complete:
        raise RuntimeError(f"method {scope['method']} is not allowed")
    await gate(self, scope, receive, send)


ReadinessGate.__call__ = confused
