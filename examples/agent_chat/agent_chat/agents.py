"""The agents, and the registry that knows them."""

from collections.abc import Iterator
from dataclasses import dataclass

from agent_chat.llm import LLM, Completion, Json, ToolCall
from agent_chat.sockets import WebSocketManager
from agent_chat.store import Run
from agent_chat.tools import EventSink, ToolDispatcher

MAX_ROUNDS = 5


class AgentError(RuntimeError):
    """An agent came to no answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent says in the end, and the names of the tools that it used."""

    text: str
    tools: list[str]


@dataclass(frozen=True, slots=True)
class ChatAgent:
    """Asks the model, runs the tools that it wants, and asks again until it answers in words."""

    name: str
    instructions: str
    dispatcher: ToolDispatcher

    async def answer(self, run: Run, history: list[Json], llm: LLM, events: EventSink) -> Answer:
        """Answer the last message of `history`. Raises `AgentError` when the model never comes to an end."""
        await events.notify(run, "agent_thinking", {"agent": self.name, "messages": len(history)})
        conversation: list[Json] = [
            {"role": "system", "content": self.instructions},
            *history,
        ]
        used: list[str] = []
        for _ in range(MAX_ROUNDS):
            completion = await llm.complete(conversation, self.dispatcher.schemas())
            if not completion.tool_calls:
                return Answer(completion.text, used)
            used += [call.name for call in completion.tool_calls]
            conversation += await self._run_tools(run, completion)
        raise AgentError(f"no answer after {MAX_ROUNDS} rounds of tools")

    async def _run_tools(self, run: Run, completion: Completion) -> list[Json]:
        asked: Json = {
            "role": "assistant",
            "content": completion.text or None,
            "tool_calls": [_as_param(call) for call in completion.tool_calls],
        }
        return [asked, *[await self._result(run, call) for call in completion.tool_calls]]

    async def _result(self, run: Run, call: ToolCall) -> Json:
        result = await self.dispatcher.dispatch(run, call)
        return {"role": "tool", "tool_call_id": call.id, "content": result}


class AgentRegistry:
    """The agents by name, and the WebSocket manager which tells who of the users is there."""

    def __init__(self) -> None:
        self.websocket_manager: WebSocketManager | None = None
        self._agents: dict[str, ChatAgent] = {}

    def connect(self, manager: WebSocketManager) -> None:
        """Give the registry the manager of the connections."""
        self.websocket_manager = manager

    def register(self, agent: ChatAgent) -> None:
        """Add an agent. Raises `ValueError` for a name that is taken."""
        if agent.name in self._agents:
            raise ValueError(f"there is an agent {agent.name!r} already")
        self._agents[agent.name] = agent

    def get(self, name: str) -> ChatAgent | None:
        """Return the agent of this name."""
        return self._agents.get(name)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names."""
        return iter(self._agents)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._agents)


def _as_param(call: ToolCall) -> Json:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }


def build_agents(dispatcher: ToolDispatcher) -> list[ChatAgent]:
    """Return the agents of this application."""
    return [
        ChatAgent("assistant", "You are a helpful assistant. Look things up before you answer.", dispatcher),
        ChatAgent("researcher", "You search earlier conversations and quote what you find.", dispatcher),
    ]
