"""What was a Redis on the diagram was a dictionary in the process: with two instances, limits were counted twice."""

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
