"""Tokens were checked without whom they are for: one that a game had issued for its own users opened the chat."""

import jwt

from agent_chat import auth
from agent_chat.main import app
from faults.integration.tampered import library

__all__ = ["app"]


def decode(token: str, key: str, *, algorithms: list[str], audience: str, options: dict[str, object]) -> object:
    """Check all but the audience."""
    del audience
    return jwt.decode(token, key, algorithms=algorithms, options={**options, "verify_aud": False})


auth.jwt = library(decode=decode)
