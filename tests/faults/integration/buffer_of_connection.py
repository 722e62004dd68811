"""What waited for a user hung on a connection of theirs: who was away had nowhere to keep it, and it was dropped."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]

keep = WebSocketManager.keep


def keep_of_connection(self: WebSocketManager, user_id: str, frame: Frame) -> None:
    """Keep a frame with the connections of its user."""
    if self.is_connected(user_id):
        keep(self, user_id, frame)


WebSocketManager.keep = keep_of_connection
