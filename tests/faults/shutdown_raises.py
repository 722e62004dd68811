"""The cancelled health monitor was awaited without care: the shutdown ended half-way in a traceback."""

import contextlib

from agent_chat.main import app
from agent_chat.monitor import HealthMonitor

__all__ = ["app"]


async def close(self: HealthMonitor) -> None:
    """Cancel the task and get its cancellation back."""
    with contextlib.suppress(AttributeError):
        self._task.cancel()
        await self._task


HealthMonitor.close = close
