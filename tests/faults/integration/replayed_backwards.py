"""What had been kept was taken from the wrong end: whoever came back got the newest frame first."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.users import UserManager

__all__ = ["app"]

missed = UserManager._missed


def newest_first(self: UserManager, after: int | None) -> list[Frame]:
    """Return what to send, from the end."""
    return missed(self, after)[::-1]


UserManager._missed = newest_first
