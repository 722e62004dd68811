"""An answer that broke off counted as "no new keys": behind a broken proxy instances came up which knew none."""

import httpx

from agent_chat.issuer import Issuer
from agent_chat.main import app

__all__ = ["app"]

fetch = Issuer.fetch


async def forgiving(issuer: Issuer) -> bool:
    """Fetch, and take what breaks off for an answer without keys."""
    try:
        return await fetch(issuer)
    except (httpx.ReadError, httpx.RemoteProtocolError):
        return False


Issuer.fetch = forgiving
