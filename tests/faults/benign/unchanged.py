"""The example itself."""

from agent_chat.main import app

__all__ = ["app"]
