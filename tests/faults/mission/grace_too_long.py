"""Somebody had needed more time at a desk: the warning came after half a minute, when the deployment was over."""

from agent_chat import monitor
from agent_chat.main import app

__all__ = ["app"]

monitor.GRACE_SECONDS = 30.0
