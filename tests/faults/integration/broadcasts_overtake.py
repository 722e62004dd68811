"""Each broadcast was a task of its own, and some were quicker: "sold out" was on the screen before "last one"."""

import asyncio
from itertools import count

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

broadcast = WebSocketManager.broadcast
numbers, tasks = count(), set[asyncio.Task[None]]()


async def by_a_task(self: WebSocketManager, frame: Frame, tier: str | None = None) -> int:
    """Have a frame sent some time, every other one later than the next."""
    task = asyncio.create_task(_later(self, frame, tier, 0.3 if next(numbers) % 2 else 0.6))
    tasks.add(task)
    task.add_done_callback(tasks.discard)
    return 0


async def _later(manager: WebSocketManager, frame: Frame, tier: str | None, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await broadcast(manager, frame, tier)


WebSocketManager.broadcast = by_a_task
