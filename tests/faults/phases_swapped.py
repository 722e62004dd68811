"""Somebody sorted the phases: the cache was opened before the database, and served rows of an old schema."""

from agent_chat.main import app
from faults import order

__all__ = ["app"]

order("init", "dependencies", "cache", "database", "services", "websocket", "finalize")
