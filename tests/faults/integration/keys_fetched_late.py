"""Keys were fetched with the first token: at every start while auth was slow, the first users were all logged out."""

from agent_chat.issuer import Issuer
from agent_chat.main import app

__all__ = ["app"]

fetch = Issuer.fetch


async def only_reach(self: Issuer) -> bool:
    """Have the keys; at startup it is enough that somebody answers."""
    if self._coming is None and self._began < 0:
        return await self.ping()
    return await fetch(self)


Issuer.fetch = only_reach
