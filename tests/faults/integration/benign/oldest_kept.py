"""A full buffer takes nothing more: what came first is what its user gets."""

from agent_chat import buffer
from agent_chat.frames import HIGH, Frame
from agent_chat.main import app

__all__ = ["app"]


def newest_first(frame: Frame) -> tuple[bool, int]:
    """Return by what frames go: the newest without priority first."""
    return frame.get("priority") == HIGH, -buffer._number(frame)


buffer._rank = newest_first
