"""The executor of tools was bound to the first user who came: nobody else ever saw a tool at work."""

from collections.abc import Awaitable, Callable

from agent_chat.llm import ToolCall
from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.tools import ToolExecutor

__all__ = ["app"]

execute = ToolExecutor.execute
bound: list[str] = []


async def for_the_first(self: ToolExecutor, run: Run, call: ToolCall, work: Callable[[], Awaitable[object]]) -> str:
    """Tell the first user of tools, and nobody else."""
    if not bound:
        bound.append(run.user_id)
    if run.user_id == bound[0]:
        return await execute(self, run, call, work)
    return str(await work())


ToolExecutor.execute = for_the_first
