"""An id was taken and its event never sent: clients believed that they had missed one, and asked for all again."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

number = WebSocketManager.number


def every_other(self: WebSocketManager, user_id: str, frame: Frame) -> Frame:
    """Take an id for nothing before the last event."""
    if frame["type"] == "agent_completed":
        number(self, user_id, frame)
    return number(self, user_id, frame)


WebSocketManager.number = every_other
