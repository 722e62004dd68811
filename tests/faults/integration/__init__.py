"""Faults of the integration layer, and what several of them share."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress

from fastapi import FastAPI
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from agent_chat.main import app
from agent_chat.sockets import Frame, WebSocketManager
from faults import Run, around

CHANNEL = "frames"
Take = Callable[[Redis, Callable[[str], Awaitable[None]]], Awaitable[None]]


def frames_through_redis(pump: Take) -> None:
    """Have every frame go to all instances by Redis; `pump(client, deliver)` takes them from there."""
    send, close = WebSocketManager.send, WebSocketManager.close
    tasks: list[asyncio.Task[None]] = []

    async def publish(self: WebSocketManager, user_id: str, frame: Frame) -> int:
        if not self.is_connected(user_id) or user_id.startswith("startup_test_"):
            return await send(self, user_id, frame)
        return await app.state.cache.publish(CHANNEL, json.dumps([user_id, frame]))

    async def deliver(text: str) -> None:
        user_id, frame = json.loads(text)
        await send(app.state.manager, user_id, frame)

    async def stop(self: WebSocketManager) -> None:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
        await close(self)

    @around("websocket")
    async def with_pump(run: Run, app: FastAPI) -> None:
        await run()
        client = Redis.from_url(app.state.settings.redis_url, decode_responses=True, retry=Retry(NoBackoff(), 0))
        tasks.append(asyncio.create_task(pump(client, deliver), name="pump"))

    WebSocketManager.send, WebSocketManager.close = publish, stop


async def listen(client: Redis, deliver: Callable[[str], Awaitable[None]]) -> None:
    """Deliver what comes on the channel, until something goes wrong."""
    async with client.pubsub() as subscription:
        await subscription.subscribe(CHANNEL)
        async for message in subscription.listen():
            if message["type"] == "message":
                await deliver(message["data"])
