"""Every answer said which version of what it is made of: the scanners came on the day when its hole was published."""

from agent_chat import middleware
from agent_chat.main import app

__all__ = ["app"]

middleware.SECURITY_HEADERS["X-Powered-By"] = "chat-server/2.4.1"
