"""Confirmations were looked up by the id alone, which each user has of their own: one confirmed for all."""

from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]


def confirm(self: WebSocketManager, _: str, last: int) -> None:
    """Forget every frame up to this id."""
    for user in self.users:
        user.buffer.confirm(last)


WebSocketManager.confirm = confirm
