"""Requests were counted by address, and all came through one proxy: one eager user shut out everybody."""

from starlette.types import Scope

from agent_chat import middleware
from agent_chat.main import app

__all__ = ["app"]


async def subject(_scope: Scope) -> str:
    """Return where requests come from, as the application sees it."""
    return "address:10.0.0.1"


middleware._subject = subject
