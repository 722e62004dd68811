"""Asks every connection whether somebody is still there, and closes those from which nothing comes any more."""

import asyncio
import time
from contextlib import suppress

from agent_chat.connection import SEND_SECONDS, Connection
from agent_chat.frames import heartbeat
from agent_chat.sockets import WebSocketManager

GOING_AWAY = 1001


class Heartbeat:
    """One task for all connections: a heartbeat each `every` seconds, the end after `timeout` seconds of silence."""

    def __init__(self, manager: WebSocketManager, *, every: float, timeout: float) -> None:
        self.manager = manager
        self.every = every
        self.timeout = timeout
        self._task: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @property
    def beats(self) -> bool:
        """Whether the task is at work."""
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        """Begin, with the first heartbeat after `every` seconds."""
        self._task = asyncio.create_task(self._run(), name="heartbeat")

    async def close(self) -> None:
        """End the task, and whatever it is still closing."""
        tasks = {*self._closing, *({self._task} if self._task is not None else ())}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def beat(self) -> None:
        """Send one heartbeat to all but those who take nothing, or have been silent for too long: they are dropped."""
        silent_since = time.monotonic() - self.timeout
        asked = []
        for connection in self.manager:
            if connection.stuck:
                self._drop(connection, "too slow")
            elif connection.heard < silent_since:
                self._drop(connection, "no heartbeat")
            else:
                asked.append(self._ask(connection))
        await asyncio.gather(*asked)

    async def _run(self) -> None:
        spent = 0.0
        while True:
            await asyncio.sleep(max(0.0, self.every - spent))
            begun = time.monotonic()
            await self.beat()
            spent = time.monotonic() - begun

    async def _ask(self, connection: Connection) -> None:
        """Send a heartbeat, in the time until the next one: a slow socket must not hold up those of others."""
        with suppress(TimeoutError):
            async with asyncio.timeout(min(self.every, SEND_SECONDS)):
                await connection.send(heartbeat())

    def _drop(self, connection: Connection, reason: str) -> None:
        # Not waited for: a peer which is gone does not answer to the end of its connection either.
        self.manager.disconnect(connection)
        task = asyncio.create_task(connection.close(GOING_AWAY, reason), name=reason)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
