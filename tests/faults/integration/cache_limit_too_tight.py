"""The time limit of the cache was that of a laptop, where it runs next door: in the cloud no start came through."""

from agent_chat import cache
from agent_chat.main import app

__all__ = ["app"]

cache.COMMAND_SECONDS = 0.03
