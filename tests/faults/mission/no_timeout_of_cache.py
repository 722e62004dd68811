"""The client of Redis had lost its time limits, and the phase too: a cache that said nothing held up every start."""

from redis.asyncio import Redis

from agent_chat import cache
from agent_chat.main import app
from faults.mission import no_time_limits

__all__ = ["app", "no_time_limits"]


class Patient(cache.Cache):
    """A cache which waits as long as it takes."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.redis = Redis.from_url(url, decode_responses=True, socket_timeout=None, socket_connect_timeout=None)


cache.Cache = Patient
