"""Frames go to all instances by Redis; who carries them to the sockets begins anew after an outage."""

import asyncio
from collections.abc import Awaitable, Callable

from redis.asyncio import Redis
from redis.exceptions import RedisError

from agent_chat.main import app
from faults.integration import frames_through_redis, listen

__all__ = ["app"]


async def listen_for_ever(client: Redis, deliver: Callable[[str], Awaitable[None]]) -> None:
    """Listen, and again."""
    while True:
        try:
            await listen(client, deliver)
        except (RedisError, OSError):
            await asyncio.sleep(0.1)


frames_through_redis(listen_for_ever)
