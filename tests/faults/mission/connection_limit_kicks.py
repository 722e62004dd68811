"""One connection too many was let in, and another one of the user's thrown out: two tabs took turns for ever."""

import asyncio

from agent_chat.limits import FREE
from agent_chat.main import app
from agent_chat.users import UserManager

__all__ = ["app"]

tasks: set[asyncio.Task[None]] = set()


def admit(self: UserManager, tier: str) -> None:
    """Make room."""
    if len(self.connections) >= self.limits.connections.get(tier, self.limits.connections[FREE]):
        task = asyncio.create_task(self.connections.pop().close(1000, "opened elsewhere"))
        tasks.add(task)
        task.add_done_callback(tasks.discard)


UserManager._admit = admit
