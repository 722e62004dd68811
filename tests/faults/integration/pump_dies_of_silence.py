"""What carries frames from Redis began anew after a lost connection, but not after a time limit: one stall ended it."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from agent_chat.main import app
from faults.integration import CHANNEL, frames_through_redis

__all__ = ["app"]

IDLE_SECONDS = 0.2
PONG_SECONDS = 1.0


async def listen_and_ask(client: Redis, deliver: Callable[[str], Awaitable[None]]) -> None:
    """Deliver what comes on the channel; when nothing does, ask whether Redis is there. Raises `TimeoutError`."""
    async with client.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        while True:
            message = await subscription.get_message(timeout=IDLE_SECONDS)
            if message is None:
                await subscription.ping()
                message = await subscription.get_message(timeout=PONG_SECONDS)
            if message is None:
                raise TimeoutError
            if message["type"] == "message":
                await deliver(message["data"])


async def listen_for_ever(client: Redis, deliver: Callable[[str], Awaitable[None]]) -> None:
    """Listen, and again once the connection is lost."""
    while True:
        try:
            await listen_and_ask(client, deliver)
        except RedisConnectionError:
            await asyncio.sleep(0.1)


frames_through_redis(listen_for_ever)
