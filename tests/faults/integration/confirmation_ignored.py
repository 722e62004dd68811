"""Confirmations were taken and nothing was done with them: what clients had confirmed came again each time."""

from agent_chat.main import app
from agent_chat.sockets import WebSocketManager

__all__ = ["app"]


def confirm(_: WebSocketManager, __: str, ___: int) -> None:
    """Take a confirmation."""


WebSocketManager.confirm = confirm
