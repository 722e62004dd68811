"""Upgrades before ready were held until startup was complete: clients hung, timed out and came back all at once."""

import asyncio

from starlette.types import Receive, Scope, Send

from agent_chat.main import app
from agent_chat.middleware import ReadinessGate
from agent_chat.orchestrator import startup_of

__all__ = ["app"]

gate = ReadinessGate.__call__


async def patient(self: ReadinessGate, scope: Scope, receive: Receive, send: Send) -> None:
    """Hold a socket that comes too early."""
    while scope["type"] == "websocket" and not startup_of(scope["app"]).complete:  # noqa: ASYNC110 - that is the mistake
        await asyncio.sleep(0.05)
    await gate(self, scope, receive, send)


ReadinessGate.__call__ = patient
