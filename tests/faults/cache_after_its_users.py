"""The cache moved behind the services that use it: by luck they do so only later."""

from agent_chat.main import app
from faults import order

__all__ = ["app"]

order("init", "dependencies", "database", "services", "cache", "websocket", "finalize")
