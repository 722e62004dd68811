"""What was kept stood in one queue for all users: whoever connected next got it."""

from agent_chat.frames import Frame
from agent_chat.main import app
from agent_chat.sockets import WebSocketManager
from agent_chat.users import UserManager

__all__ = ["app"]

missed = UserManager._missed
queue: list[Frame] = []


def keep(_: WebSocketManager, __: str, frame: Frame) -> None:
    """Keep a frame, whosever it is."""
    queue.append(frame)


def from_queue(self: UserManager, after: int | None) -> list[Frame]:
    """Return what to send: all that there is."""
    found = [*missed(self, after), *queue]
    queue.clear()
    return found


WebSocketManager.keep = keep
UserManager._missed = from_queue
