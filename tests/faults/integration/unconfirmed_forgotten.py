"""A notice that was to be confirmed was taken for delivered as soon as it was sent: it never came again."""

from agent_chat import buffer
from agent_chat.frames import Frame
from agent_chat.main import app

__all__ = ["app"]


def by_id(frame: Frame, after: int | None) -> bool:
    """Say whether a frame which was sent is sent again: when the client names an earlier one."""
    return after is not None and buffer._number(frame) > after


buffer._is_wanted_again = by_id
