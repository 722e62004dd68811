"""The keys of auth were fetched at startup and never again: after they changed, no new login was good for an hour."""

from jwt import PyJWK

from agent_chat.auth import TokenError
from agent_chat.issuer import Issuer
from agent_chat.main import app

__all__ = ["app"]


async def known(self: Issuer, kid: str) -> PyJWK:
    """Return a key that was there at startup."""
    if kid not in self._keys:
        raise TokenError("it names a key that we do not have")
    return self._keys[kid]


Issuer._key = known
