"""Another design: whoever asks for a user's manager is given a view of their own, which nobody keeps."""

from types import SimpleNamespace
from typing import Any

from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]


def view(self: WebSocketManager, user_id: str) -> Any:  # noqa: ANN401 - whatever has these two
    """Return a view of the user's connections and buffer."""
    user = self.users.of(user_id)
    return SimpleNamespace(connections=user.connections, buffer=user.buffer)


WebSocketManager.view = view  # type: ignore[attr-defined]
