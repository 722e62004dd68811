"""The application object was renamed and the deployment still asked for the old name."""

from agent_chat.main import app as application

__all__ = ["application"]
