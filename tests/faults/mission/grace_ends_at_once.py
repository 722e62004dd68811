"""The monitor had no patience: it warned in every deployment, until nobody read its warnings any more."""

from agent_chat import monitor
from agent_chat.main import app

__all__ = ["app"]

monitor.GRACE_SECONDS = 0.0
