"""After auth had been away once its client was left closed: keys that were made since then were never learnt."""

import httpx

from agent_chat.issuer import Issuer
from agent_chat.main import app

__all__ = ["app"]

ping = Issuer.ping


async def ping_once(issuer: Issuer) -> bool:
    """Ping; close the client when that fails."""
    try:
        return await ping(issuer)
    except httpx.TransportError:
        await issuer._client.aclose()
        raise


Issuer.ping = ping_once
