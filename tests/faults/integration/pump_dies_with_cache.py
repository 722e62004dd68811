"""The task which carries frames from Redis to the sockets ended when Redis did: well again, and no answer ever came."""

from agent_chat.main import app
from faults.integration import frames_through_redis, listen

__all__ = ["app"]

frames_through_redis(listen)
