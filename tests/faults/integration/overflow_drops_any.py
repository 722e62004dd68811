"""A full buffer dropped its oldest frame, whatever its priority: ends of runs went for the sake of chatter."""

from agent_chat import buffer
from agent_chat.frames import Frame
from agent_chat.main import app

__all__ = ["app"]


def by_age(frame: Frame) -> tuple[bool, int]:
    """Return by what frames go: by their age alone."""
    return False, buffer._number(frame)


buffer._rank = by_age
