"""The agents were registered in a module that nobody imported any more: each first chat ended in "no agent"."""

from agent_chat import startup
from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app

__all__ = ["app"]

startup.build_agents = lambda _dispatcher: []
AgentWebSocketBridge.health = lambda _self: {}
