"""Tokens told by which algorithm they were to be checked, and "none" was one: a token without a signature was good."""

from typing import Any

import jwt

from agent_chat import auth
from agent_chat.main import app
from faults.integration.tampered import library

__all__ = ["app"]


def decode(token: str, key: str, **asked: Any) -> object:  # noqa: ANN401 - whatever the library takes
    """Check a token by the algorithm that it names."""
    if jwt.get_unverified_header(token)["alg"] == "none":
        return jwt.decode(token, options={"verify_signature": False})
    return jwt.decode(token, key, **asked)


auth.jwt = library(decode=decode)
