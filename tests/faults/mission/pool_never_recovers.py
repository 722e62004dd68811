"""After Redis had been away the client was closed and never opened again: only a restart brought the service back."""

from agent_chat.cache import Cache, CacheError
from agent_chat.main import app

__all__ = ["app"]

ping = Cache.ping
broken: set[int] = set()


async def ping_once(cache: Cache) -> bool:
    """Ping; give up for ever after the first error of an instance which had worked."""
    if id(cache) in broken:
        raise CacheError("the client is closed")
    try:
        return await ping(cache)
    except Exception:
        if hasattr(app.state, "cache"):
            broken.add(id(cache))
        raise


Cache.ping = ping_once
