"""The cache is only a cache, somebody thought: with a wrong password the service came up, and forgot all limits."""

import logging

from agent_chat.cache import Cache
from agent_chat.main import app

__all__ = ["app"]

ping = Cache.ping


async def lenient(cache: Cache) -> bool:
    """Ping, and take an error for an answer."""
    try:
        return await ping(cache)
    except Exception:  # noqa: BLE001 - that is the mistake
        logging.getLogger("agent_chat").warning("the cache does not answer, going on")
        return True


Cache.ping = lenient
