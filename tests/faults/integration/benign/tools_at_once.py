"""Two tools are at work at the same time, and the second one is done first."""

import asyncio
from collections.abc import Awaitable, Callable

from agent_chat.llm import ToolCall
from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.tools import ToolExecutor

__all__ = ["app"]

execute = ToolExecutor.execute


async def both(self: ToolExecutor, run: Run, call: ToolCall, work: Callable[[], Awaitable[object]]) -> str:
    """Do it twice at once, the first time slowly."""

    async def slowly() -> object:
        await asyncio.sleep(0.05)
        return await work()

    second = ToolCall(f"{call.id}-again", call.name, call.arguments)
    slow, result = await asyncio.gather(execute(self, run, call, slowly), execute(self, run, second, work))
    assert slow == result
    return result


ToolExecutor.execute = both
