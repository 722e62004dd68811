"""Messages were counted for each connection: whoever opened ten tabs had ten times the limit, on our bill."""

from agent_chat.connection import Connection
from agent_chat.handlers import ChatHandler
from agent_chat.main import app
from faults.integration.tampered import counting

__all__ = ["app"]


def subject(connection: Connection) -> str:
    """Return the connection."""
    return str(id(connection))


ChatHandler._count_message = counting(subject)
