"""The bridge did not deliver, so the last phase raised: a start that fails openly, and still a start that fails."""

from agent_chat.bridge import AgentWebSocketBridge, BridgeError
from agent_chat.main import app

__all__ = ["app"]


async def verify(_self: AgentWebSocketBridge) -> None:
    """Find nothing delivered."""
    raise BridgeError("an event which was sent did not arrive")


AgentWebSocketBridge.verify = verify
