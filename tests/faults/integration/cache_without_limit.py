"""The client of the cache had no time limit: while Redis hung, requests piled up and never ended."""

from redis.asyncio import Redis

from agent_chat import cache
from agent_chat.main import app

__all__ = ["app"]


class Patient(Redis):
    """Waits for ever."""

    @classmethod
    def from_url(cls, url: str, **options: object) -> Redis:
        """Leave the limit of time out."""
        options["socket_timeout"] = None
        return Redis.from_url(url, **options)


cache.Redis = Patient
