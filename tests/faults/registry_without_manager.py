"""The registry's setter was renamed and a default swallowed the call: agents could not tell who is connected."""

from agent_chat.agents import AgentRegistry
from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app

__all__ = ["app"]

AgentRegistry.connect = lambda _self, _manager: None
AgentWebSocketBridge.health = lambda _self: {}
