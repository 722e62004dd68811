"""The supervisor: one run from its first event to its last, and to the records of it."""

import asyncio
import logging

from agent_chat.agents import AgentError, AgentRegistry, Answer
from agent_chat.errors import describe
from agent_chat.llm import LLM, Json, LLMError
from agent_chat.models import Message
from agent_chat.store import Run, Store
from agent_chat.tools import EventSink

logger = logging.getLogger(__name__)

RUN_SECONDS = 60.0


class Supervisor:
    """Gives a run to its agent and sees to it that there is exactly one event at its end."""

    def __init__(self, registry: AgentRegistry, llm: LLM, store: Store) -> None:
        self.registry = registry
        self.llm = llm
        self.store = store

    async def run(self, run: Run, events: EventSink) -> None:
        """Carry out one run; `agent_completed` or `agent_failed` is its last event."""
        await events.notify(run, "agent_started", {"agent": run.agent})
        try:
            async with asyncio.timeout(RUN_SECONDS):
                answer = await self._answer(run, events)
                # Kept before it is told: who has seen the answer must find it.
                await self.store.complete_run(run, answer.text, answer.tools)
        except asyncio.CancelledError:
            await self._record(run, "cancelled", "the server stops")
            raise
        except Exception as error:
            expected = isinstance(error, LLMError | AgentError | TimeoutError)
            logger.error("run %s failed: %s", run.id, error, exc_info=not expected)  # noqa: TRY400 - decided here
            await self._record(run, "failed", describe(error))
            await events.notify(run, "agent_failed", {"agent": run.agent, "error": type(error).__name__})
        else:
            done = {"agent": run.agent, "answer": answer.text, "tools": answer.tools}
            await events.notify(run, "agent_completed", done)

    async def _record(self, run: Run, status: str, error: str) -> None:
        try:
            await self.store.end_run(run, status, error)
        except Exception as problem:  # noqa: BLE001 - the database may be why the run failed; its user is told anyway
            logger.warning("the end of run %s is not on record: %s", run.id, problem)

    async def _answer(self, run: Run, events: EventSink) -> Answer:
        agent = self.registry.get(run.agent)
        if agent is None:
            raise AgentError(f"there is no agent {run.agent!r}")
        history = [_as_param(message) for message in await self.store.messages(run.thread_id)]
        return await agent.answer(run, history, self.llm, events)


def _as_param(message: Message) -> Json:
    return {"role": message.role, "content": message.content}
