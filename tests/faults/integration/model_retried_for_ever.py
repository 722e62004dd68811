"""A model that was asked too much was asked again for ever: nobody got an answer, and the bill had all the attempts."""

from agent_chat import llm
from agent_chat.main import app

__all__ = ["app"]

llm.MAX_RETRIES = 1000
