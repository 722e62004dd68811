"""A cache which took its time was passed over "for now": behind a hung proxy all instances came up without one."""

from redis.exceptions import TimeoutError as RedisTimeoutError

from agent_chat.cache import Cache
from agent_chat.main import app

__all__ = ["app"]

ping = Cache.ping


async def hurried(cache: Cache) -> bool:
    """Ping, and go on when there is no answer."""
    try:
        return await ping(cache)
    except RedisTimeoutError:
        return True


Cache.ping = hurried
