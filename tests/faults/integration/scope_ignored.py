"""Whose token it was was all that was looked at: the key of a read-only integration could chat, and did."""

from dataclasses import replace

from agent_chat.auth import CHAT_SCOPE, Claims, Tokens
from agent_chat.main import app

__all__ = ["app"]

check = Tokens.check


def allows_all(self: Tokens, token: str) -> Claims:
    """Return the claims of a good token, whatever it allows."""
    return replace(check(self, token), scopes=frozenset([CHAT_SCOPE]))


Tokens.check = allows_all
