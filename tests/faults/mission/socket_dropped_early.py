"""Sockets were accepted at once and closed with 1011 while starting: clients took it for a crash and gave up."""

from starlette.types import Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import ReadinessGate
from agent_chat.orchestrator import startup_of

__all__ = ["app"]

gate = ReadinessGate.__call__


async def accepting(self: ReadinessGate, scope: Scope, receive: Receive, send: Send) -> None:
    """Accept a socket that comes too early, and drop it."""
    if scope["type"] != "websocket" or startup_of(scope["app"]).complete:
        await gate(self, scope, receive, send)
        return
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": 1011})


ReadinessGate.__call__ = accepting
