"""The limit of connections was counted over all users: one of them with five tabs kept everybody else out."""

from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.users import TooManyConnectionsError, UserManager

__all__ = ["app"]

users: list[UserManager] = []
initialise = UserManager.__init__


def remembered(self: UserManager, *args: object) -> None:
    """Make a manager, and remember it."""
    initialise(self, *args)
    users.append(self)


def admit(self: UserManager, tier: str) -> None:
    """Count the connections of everybody."""
    if sum(len(user.connections) for user in users) >= self.limits.connections.get(tier, self.limits.connections[FREE]):
        raise TooManyConnectionsError


UserManager.__init__, UserManager._admit = remembered, admit
