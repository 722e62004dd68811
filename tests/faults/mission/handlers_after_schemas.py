"""The schemas of all messages were compiled before the handlers were registered: for a while nobody was there."""

import time

from agent_chat import startup
from agent_chat.main import app

__all__ = ["app"]

register = startup.register_handlers


def compile_first(*arguments: object) -> None:
    """Compile, then register."""
    time.sleep(0.3)
    register(*arguments)


startup.register_handlers = compile_first
