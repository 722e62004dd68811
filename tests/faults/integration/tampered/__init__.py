"""Parts of the example with something else in one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import SimpleNamespace

import jwt
from starlette.middleware.cors import CORSMiddleware

from agent_chat.checks import Ping, ServiceCheck
from agent_chat.connection import Connection
from agent_chat.handlers import BadFrameError, ChatHandler


def library(**instead: object) -> SimpleNamespace:
    """Return the library of tokens with something else in some places."""
    return SimpleNamespace(**{**vars(jwt), **instead})


def cors(**instead: object) -> Callable[..., CORSMiddleware]:
    """Return what makes the rules for origins, by other rules than it is told."""
    return lambda app, **rules: CORSMiddleware(app, **{**rules, **instead})


def checking(service: str, *, required: bool) -> Callable[..., ServiceCheck]:
    """Return what makes the checks of services, with one that is required or not whatever it is told."""

    def make(name: str, ping: Ping | None, *, required: bool) -> ServiceCheck:
        return ServiceCheck(name, ping, required=forced if name == service else required)

    forced = required
    return make


def counting(subject: Callable[[Connection], str]) -> Callable[[ChatHandler, Connection], Awaitable[None]]:
    """Return what counts a message, by something else than its user."""

    async def count(self: ChatHandler, connection: Connection) -> None:
        verdict = await self._limiters[connection.tier].hit(f"chat:{subject(connection)}")
        if not verdict.allowed:
            raise BadFrameError("rate_limited", "too many messages", retry_after=verdict.retry_after)

    return count
