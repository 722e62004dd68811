"""Who lost the network without a word was connected for days: nobody looked whether heartbeats were answered."""

from agent_chat.heartbeat import Heartbeat
from agent_chat.main import app

__all__ = ["app"]

Heartbeat._drop = lambda _self, _connection, _reason: None
