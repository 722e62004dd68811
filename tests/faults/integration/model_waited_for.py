"""The client of the model had its default limit of ten minutes: when it fell silent, every user's chat hung as long."""

from httpx import Timeout

from agent_chat import llm
from agent_chat.main import app

__all__ = ["app"]


def patient(_seconds: float, *, connect: float) -> Timeout:
    """Return the limit which the library has of its own."""
    return Timeout(600.0, connect=connect)


llm.Timeout = patient
