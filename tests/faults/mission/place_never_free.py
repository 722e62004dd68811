"""Connections were counted as they came, and not as they went: after five visits a user was kept out for good."""

from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.users import TooManyConnectionsError, UserManager

__all__ = ["app"]

came: dict[UserManager, int] = {}


def admit(self: UserManager, tier: str) -> None:
    """Count one more who has come."""
    if came.get(self, 0) >= self.limits.connections.get(tier, self.limits.connections[FREE]):
        raise TooManyConnectionsError
    came[self] = came.get(self, 0) + 1


UserManager._admit = admit
