"""The monitor knew that nothing could be answered, and only whoever asked for its status would have learned it."""

from agent_chat.main import app
from agent_chat.monitor import HealthMonitor

__all__ = ["app"]

HealthMonitor.look = lambda self: self._manager.forget_old_frames()
