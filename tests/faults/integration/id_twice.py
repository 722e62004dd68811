"""Two events of a run were given one id, and clients which drop what they have seen dropped the second one."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

number = WebSocketManager.number


def one_for_both(self: WebSocketManager, user_id: str, frame: Frame) -> Frame:
    """Give the result of a tool the id that its beginning had."""
    numbered = number(self, user_id, frame)
    if frame["type"] != "tool_completed":
        return numbered
    return {**numbered, "id": numbered["id"] - 1}


WebSocketManager.number = one_for_both
