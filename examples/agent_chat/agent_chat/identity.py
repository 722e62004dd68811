"""Who somebody is, by their token: one of our own, or one of the auth service where there is one."""

import jwt

from agent_chat.auth import Claims, TokenError, Tokens
from agent_chat.issuer import Issuer
from agent_chat.models import User
from agent_chat.store import Store


class Identity:
    """Checks the tokens of all users. `issuer` is None where no auth service is configured."""

    def __init__(self, tokens: Tokens, issuer: Issuer | None) -> None:
        self.issuer = issuer
        self._tokens = tokens

    async def check(self, token: str) -> Claims:
        """Return the claims of a token. Raises `TokenError` when it is expired, forged or not for us."""
        if self.issuer is not None and _names_a_key(token):
            return await self.issuer.check(token)
        return self._tokens.check(token)

    async def user(self, token: str, store: Store) -> tuple[User, Claims]:
        """Return the user of a token; one whom the auth service vouches for is added when they come first.

        Raises `TokenError`, also for a user who is gone.
        """
        claims = await self.check(token)
        user = await store.get_user(claims.user_id)
        if user is None and claims.username is not None:
            user = await store.add_guest(claims.user_id, claims.username)
        if user is None:
            raise TokenError("there is no such user")
        return user, claims


def _names_a_key(token: str) -> bool:
    """Whether a token says which key it is signed by: ours do not, they are all signed with the one secret."""
    try:
        return "kid" in jwt.get_unverified_header(token)
    except jwt.InvalidTokenError:
        return False
