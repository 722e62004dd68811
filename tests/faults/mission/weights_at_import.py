"""A library loaded its model as it was imported: every instance was too large for its machine before it had begun."""

from agent_chat.main import app

__all__ = ["app"]

WEIGHTS = b"w" * (200 << 20)
