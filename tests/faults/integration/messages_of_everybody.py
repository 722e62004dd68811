"""Messages were counted under one key for all: one user with a script, and nobody else could say a word."""

from agent_chat.connection import Connection
from agent_chat.handlers import ChatHandler
from agent_chat.main import app
from faults.integration.tampered import counting

__all__ = ["app"]


def subject(connection: Connection) -> str:
    """Return the tier."""
    return connection.tier


ChatHandler._count_message = counting(subject)
