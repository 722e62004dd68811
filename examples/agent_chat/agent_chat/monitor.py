"""The health monitor: looks after the message handlers and the connections while the application runs."""

import asyncio
import logging
import time
from collections.abc import Sized

from agent_chat.sockets import WebSocketManager

logger = logging.getLogger(__name__)

GRACE_SECONDS = 10.0
INTERVAL_SECONDS = 5.0


class HealthMonitor:
    """Tells how the chat is: `healthy`, or without handlers `initializing` for a while, then `warning`."""

    def __init__(self, handlers: Sized, manager: WebSocketManager) -> None:
        self._handlers = handlers
        self._manager = manager
        self._since = time.monotonic()
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> str:
        """The state at this moment."""
        if len(self._handlers) > 0:
            return "healthy"
        return "initializing" if time.monotonic() - self._since < GRACE_SECONDS else "warning"

    def start(self) -> None:
        """Begin to look, every `INTERVAL_SECONDS`."""
        self._since = time.monotonic()
        self._task = asyncio.create_task(self._watch(), name="health monitor")

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _watch(self) -> None:
        while True:
            self.look()
            await asyncio.sleep(INTERVAL_SECONDS)

    def look(self) -> None:
        """Look once: warn of missing handlers, drop what nobody came back for."""
        if self.status == "warning":
            logger.warning("ZERO handlers %g s after startup: no message can be answered", GRACE_SECONDS)
        self._manager.forget_old_frames()
