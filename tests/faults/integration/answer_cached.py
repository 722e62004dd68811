"""Answers were cached by the place of a question in its thread: everybody's first question had the same answer."""

from agent_chat.agents import Answer, ChatAgent
from agent_chat.llm import LLM, Json
from agent_chat.main import app
from agent_chat.store import Run
from agent_chat.tools import EventSink

__all__ = ["app"]

answer = ChatAgent.answer
known: dict[int, Answer] = {}


async def cached(self: ChatAgent, run: Run, history: list[Json], llm: LLM, events: EventSink) -> Answer:
    """Ask the model as ever, and say what was said before."""
    found = await answer(self, run, history, llm, events)
    return known.setdefault(len(history), found)


ChatAgent.answer = cached
