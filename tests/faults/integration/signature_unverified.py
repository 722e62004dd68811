"""The signature of tokens was not looked at since a debugging session: who could write JSON could be anybody."""

import jwt

from agent_chat.auth import ALGORITHM, AUDIENCE, Claims, TokenError, Tokens
from agent_chat.main import app

__all__ = ["app"]

OPTIONS = {"verify_signature": False, "verify_exp": True, "verify_aud": True, "require": ["exp", "sub", "aud"]}


def check(self: Tokens, token: str) -> Claims:
    """Read the claims, whoever has signed them."""
    try:
        claims = jwt.decode(token, self._secret, algorithms=[ALGORITHM], audience=AUDIENCE, options=OPTIONS)
    except jwt.InvalidTokenError as error:
        raise TokenError(str(error)) from error
    return Claims(claims["sub"], frozenset(str(claims.get("scope", "")).split()))


Tokens.check = check
