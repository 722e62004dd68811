"""The limits were counted in a dictionary "until Redis is there": with two instances, everybody had twice as much."""

from agent_chat import cache
from agent_chat.main import app
from faults import redis_never_touched

__all__ = ["app", "redis_never_touched"]

hits: dict[str, int] = {}


async def count(_cache: cache.Cache, key: str, _window_seconds: int) -> int:
    """Count in the process."""
    hits[key] = hits.get(key, 0) + 1
    return hits[key]


cache.Cache.count = count
