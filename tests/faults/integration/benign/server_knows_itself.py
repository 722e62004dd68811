"""The client says nothing of what it has seen: the server sends what it could not send before."""

from agent_chat.main import app

__all__ = ["app"]
