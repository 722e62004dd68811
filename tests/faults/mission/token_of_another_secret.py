"""Tokens were signed with a secret made at import and checked with the configured one: every login led nowhere."""

import secrets

import jwt

from agent_chat.auth import ALGORITHM, AUDIENCE, Tokens
from agent_chat.main import app

__all__ = ["app"]

issue = Tokens.issue
SECRET = secrets.token_hex(32)


def with_another(self: Tokens, user_id: str) -> str:
    """Sign with the wrong secret."""
    options = {"verify_signature": False}
    claims = jwt.decode(issue(self, user_id), options=options, algorithms=[ALGORITHM], audience=AUDIENCE)
    return jwt.encode(claims, SECRET, algorithm=ALGORITHM)


Tokens.issue = with_another
