"""Redis: the cache, and what counts requests."""

from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

CONNECT_SECONDS = 1.0
COMMAND_SECONDS = 1.0
PING_TTL_SECONDS = 5

# A RuntimeError is uvloop's word for a connection which was closed while it was written to; redis-py hands it on.
TRANSIENT = (OSError, RedisConnectionError, RedisTimeoutError, BusyLoadingError, RuntimeError)


class CacheError(Exception):
    """Redis answers, and does not do what it is asked to."""


class Cache:
    """A pool of connections to one Redis database."""

    def __init__(self, url: str) -> None:
        self.redis: Redis = Redis.from_url(
            url,
            decode_responses=True,
            socket_connect_timeout=CONNECT_SECONDS,
            socket_timeout=COMMAND_SECONDS,
            # One more attempt repairs a connection which died while idle; more would only hide an outage.
            retry=Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.1), 1),
        )

    async def ping(self) -> bool:
        """Write a key which expires and read it back. Raises `CacheError` when something else comes back."""
        key, value = f"ping:{uuid4()}", uuid4().hex
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.set(key, value, ex=PING_TTL_SECONDS)
            pipe.get(key)
            pipe.ttl(key)
            pipe.delete(key)
            _, read, ttl, _ = await pipe.execute()
        if read != value or not 0 < ttl <= PING_TTL_SECONDS:
            message = f"wrote {value!r} for {PING_TTL_SECONDS} s, and read {read!r} with {ttl} s left"
            raise CacheError(message)
        return True

    async def set(self, key: str, value: str, seconds: float) -> None:
        """Keep a text for some time."""
        await self.redis.set(key, value, px=int(1000 * seconds))

    async def get(self, key: str) -> str | None:
        """Return the text that is kept; None when there is none any more."""
        value: str | None = await self.redis.get(key)
        return value

    async def publish(self, channel: str, text: str) -> int:
        """Tell whoever listens to a channel, in whatever instance; return how many did."""
        return int(await self.redis.publish(channel, text))

    async def count(self, key: str, window_seconds: int) -> int:
        """Count one more hit of `key` in its window; return the hits so far."""
        async with self.redis.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, window_seconds)
            hits, _ = await pipe.execute()
        return int(hits)

    async def close(self) -> None:
        """Close every connection."""
        await self.redis.aclose()
