"""The factory kept what it had made first: all users had one manager, with one limit and one buffer."""

from agent_chat.main import app
from agent_chat.users import UserManager, UserManagers

__all__ = ["app"]


def of(self: UserManagers, user_id: str) -> UserManager:
    """Return the first manager, whoever asks."""
    if not self._users:
        self._users[user_id] = UserManager(user_id, self._limits)
    return next(iter(self._users.values()))


UserManagers.of = of
