"""The monitor began to look before the handlers were registered: every start raised an alarm, and then all was well."""

import asyncio

from agent_chat import startup
from agent_chat.main import app
from agent_chat.monitor import HealthMonitor

__all__ = ["app"]

register, start = startup.register_handlers, HealthMonitor.start
late: list[tuple[object, ...]] = []
startup.register_handlers = lambda *arguments: late.append(arguments)


def start_first(self: HealthMonitor) -> None:
    """Begin to look, and register in a moment."""
    start(self)
    asyncio.get_running_loop().call_later(0.1, register, *late.pop())


HealthMonitor.start = start_first
