"""The buffer of missed frames was an attribute of the class: users read what others had missed."""

from agent_chat.buffer import Buffer
from agent_chat.limits import Limits
from agent_chat.main import app
from agent_chat.users import UserManager

__all__ = ["app"]

buffer = Buffer(100)
initialise = UserManager.__init__


def sharing(self: UserManager, user_id: str, limits: Limits) -> None:
    """Make a manager with the buffer of all."""
    initialise(self, user_id, limits)
    self.buffer = buffer


UserManager.__init__ = sharing
