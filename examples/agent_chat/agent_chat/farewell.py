"""Takes leave of the users when the server is asked to stop.

A server closes its sockets first and ends the lifespan afterwards: then there is nobody left to be told anything. So
the signal is taken here, and handed to the server once everybody has been told.
"""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Farewell:
    """Calls `leave` at the first signal, and then whatever the signal was for; a second signal does not wait."""

    def __init__(self, leave: Callable[[], Awaitable[None]]) -> None:
        self._leave = leave
        self._handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Take the signals for which the server has a handler; only the main thread may, others leave them alone."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._loop = asyncio.get_running_loop()
        for number in SIGNALS:
            handler = signal.getsignal(number)
            if callable(handler):
                self._handlers[number] = handler
                signal.signal(number, self._take)

    async def close(self) -> None:
        """Give the signals back."""
        for number, handler in self._handlers.items():
            if signal.getsignal(number) == self._take:
                signal.signal(number, handler)
        if self._task is not None:
            await asyncio.wait({self._task})

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._begin, number)

    def _begin(self, number: int) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._take_leave(number), name="farewell")
        else:
            self._hand_over(number)

    async def _take_leave(self, number: int) -> None:
        try:
            await self._leave()
        finally:
            self._hand_over(number)

    def _hand_over(self, number: int) -> None:
        if (handler := self._handlers.get(number)) is not None:
            handler(number, None)
