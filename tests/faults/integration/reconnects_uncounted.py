"""The connections of a user were counted anew with each: whoever came again and again was let in each time."""

from agent_chat.main import app
from agent_chat.reconnects import Reconnects

__all__ = ["app"]


def wait_seconds(_: Reconnects) -> int:
    """Let everybody in."""
    return 0


Reconnects.wait_seconds = wait_seconds
