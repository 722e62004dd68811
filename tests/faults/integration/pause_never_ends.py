"""Who had waited as told was refused again: it was the window that counted, and the pause said nothing of it."""

from agent_chat.main import app
from agent_chat.reconnects import Reconnects

__all__ = ["app"]


def must_wait(self: Reconnects, _: float) -> bool:
    """Say whether there were too many in the window."""
    return len(self._let_in) >= self._limit


Reconnects._must_wait = must_wait
