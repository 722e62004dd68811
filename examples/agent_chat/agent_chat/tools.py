"""The tools that the model may call: the dispatcher finds them, the executor runs them and tells the user."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from agent_chat.llm import Json, ToolCall
from agent_chat.store import Run, Store

logger = logging.getLogger(__name__)


class EventSink(Protocol):
    """Where the events of a run go."""

    async def notify(self, run: Run, kind: str, payload: Mapping[str, Any]) -> None:
        """Send one event to the user of the run."""


class ToolError(ValueError):
    """The model asked for something that cannot be done; it is told, and may try again."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what the model is told of it, and what it does. `parameters`: description by name."""

    name: str
    description: str
    parameters: Mapping[str, str]
    run: Callable[[Run, Mapping[str, str]], Awaitable[object]]

    def schema(self) -> Json:
        """Return the description as the API wants it; every parameter is a required string."""
        properties = {name: {"type": "string", "description": text} for name, text in self.parameters.items()}
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": {"type": "object", "properties": properties, "required": list(properties)},
            },
        }


class ToolExecutor:
    """Runs a tool between a `tool_executing` and a `tool_completed`, which go out over the bridge."""

    def __init__(self) -> None:
        self.bridge: EventSink | None = None

    def connect(self, bridge: EventSink) -> None:
        """Give the executor the bridge over which users hear of their tools."""
        self.bridge = bridge

    async def execute(self, run: Run, call: ToolCall, work: Callable[[], Awaitable[object]]) -> str:
        """Return the result of `work` as JSON; a `ToolError` becomes a result too, for the model to read."""
        if self.bridge is None:
            raise RuntimeError("the tool executor has no bridge")
        about = {"tool_id": call.id, "tool": call.name}
        await self.bridge.notify(run, "tool_executing", {**about, "arguments": call.arguments})
        try:
            status, result = "ok", await work()
        except ToolError as error:
            status, result = "error", {"error": str(error)}
        await self.bridge.notify(run, "tool_completed", {**about, "status": status, "result": result})
        return json.dumps(result)


class ToolDispatcher:
    """Knows the tools by name, and hands the calls of the model to the executor."""

    def __init__(self, executor: ToolExecutor, tools: Iterable[Tool]) -> None:
        self.executor = executor
        self.tools = {tool.name: tool for tool in tools}

    def schemas(self) -> list[Json]:
        """Return all tools as the API wants them."""
        return [tool.schema() for tool in self.tools.values()]

    async def dispatch(self, run: Run, call: ToolCall) -> str:
        """Run one call and return its result as JSON."""

        async def work() -> object:
            tool, arguments = self._find(call)
            return await tool.run(run, arguments)

        return await self.executor.execute(run, call, work)

    def _find(self, call: ToolCall) -> tuple[Tool, Mapping[str, str]]:
        tool = self.tools.get(call.name)
        if tool is None:
            raise ToolError(f"there is no tool {call.name!r}; there are {', '.join(self.tools)}")
        try:
            arguments = json.loads(call.arguments or "{}")
        except ValueError as error:
            raise ToolError(f"the arguments are not JSON: {error}") from error
        texts = isinstance(arguments, dict) and all(isinstance(arguments.get(name), str) for name in tool.parameters)
        if not texts:
            raise ToolError(f"the arguments must be an object with the texts {', '.join(tool.parameters)}")
        return tool, arguments


def build_tools(store: Store) -> list[Tool]:
    """Return the tools of this application; they see the data of the asking user alone."""

    async def lookup(run: Run, arguments: Mapping[str, str]) -> object:
        found = await store.search_messages(run.user_id, arguments["query"])
        return [{"thread_id": each.thread_id, "role": each.role, "text": each.content} for each in found]

    async def list_threads(run: Run, _arguments: Mapping[str, str]) -> object:
        threads = await store.threads(run.user_id, limit=10)
        return [{"thread_id": each.id, "title": each.title} for each in threads]

    return [
        Tool("lookup", "Search what was said in earlier messages.", {"query": "The words."}, lookup),
        Tool("list_threads", "List the conversations of the user.", {}, list_threads),
    ]
