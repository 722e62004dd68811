"""The page could use the API and not the service that logs in: that one still knew the origin of the old domain."""

from agent_chat.main import app

__all__ = ["app"]
