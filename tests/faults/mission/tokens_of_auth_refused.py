"""The two services had another idea of whom a token is for: who had signed in at auth was nobody in the chat."""

from agent_chat import issuer
from agent_chat.main import app

__all__ = ["app"]

issuer.AUDIENCE = "agent-chat-api"
