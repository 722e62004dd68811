"""The factory made another manager each time it was asked: whoever asked later found nobody connected."""

from agent_chat.main import app
from agent_chat.users import UserManager, UserManagers

__all__ = ["app"]


def of(self: UserManagers, user_id: str) -> UserManager:
    """Return another manager each time; the first one stays in the table."""
    made = UserManager(user_id, self._limits)
    self._users.setdefault(user_id, made)
    return made


UserManagers.of = of
