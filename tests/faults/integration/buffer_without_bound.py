"""What waited for a user was a list without an end: one who stayed away over night took all memory."""

from agent_chat.buffer import Buffer, Kept
from agent_chat.main import app

__all__ = ["app"]


def make_no_room(_: Buffer, __: dict[int, Kept]) -> int:
    """Drop nothing."""
    return 0


Buffer._make_room = make_no_room
