"""A broadcast is put into a queue, and a task sends what is in it: the call returns at once."""

import asyncio

from fastapi import FastAPI

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager
from faults import Run, around

__all__ = ["app"]

broadcast, close = WebSocketManager.broadcast, WebSocketManager.close
queue = asyncio.Queue[tuple[Frame, str | None]]()
tasks: list[asyncio.Task[None]] = []


async def queued(self: WebSocketManager, frame: Frame, tier: str | None = None) -> int:
    """Have a frame sent."""
    queue.put_nowait((frame, tier))
    return len(self)


async def work(manager: WebSocketManager) -> None:
    """Send what is in the queue, one after another; none waits for a slow socket."""
    sending = set[asyncio.Task[int]]()
    while True:
        task = asyncio.create_task(broadcast(manager, *await queue.get()))
        sending.add(task)
        task.add_done_callback(sending.discard)


@around("websocket")
async def with_queue(run: Run, app: FastAPI) -> None:
    """Begin to work with the manager."""
    await run()
    tasks.append(asyncio.create_task(work(app.state.manager), name="broadcasts"))


async def stop(self: WebSocketManager) -> None:
    """End the task, and close."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await close(self)


WebSocketManager.broadcast, WebSocketManager.close = queued, stop
