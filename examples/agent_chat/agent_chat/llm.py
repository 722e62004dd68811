"""The language model, over the API of OpenAI."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from openai import APIConnectionError, AsyncOpenAI, InternalServerError, OpenAIError, RateLimitError, Timeout
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from openai.types.chat.chat_completion_chunk import ChoiceDelta, ChoiceDeltaToolCall

from agent_chat.errors import describe

CONNECT_SECONDS = 2.0
MAX_RETRIES = 2
PING_SECONDS = 2.0

TRANSIENT = (APIConnectionError, InternalServerError, RateLimitError)


class LLMError(RuntimeError):
    """The model did not answer, or not with something that can be used."""


@dataclass(slots=True)
class ToolCall:
    """A tool that the model wants to be run; `arguments` is JSON text, as the model wrote it."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(slots=True)
class Completion:
    """A whole answer of the model: text, or tools to be run first."""

    text: str = ""
    tool_calls: list[ToolCall] = field(default_factory=list)

    def add(self, delta: ChoiceDelta) -> None:
        """Add a streamed piece."""
        self.text += delta.content or ""
        for part in delta.tool_calls or ():
            self._add_to_call(part)

    def _add_to_call(self, part: ChoiceDeltaToolCall) -> None:
        while len(self.tool_calls) <= part.index:
            self.tool_calls.append(ToolCall())
        call = self.tool_calls[part.index]
        call.id = part.id or call.id
        if part.function is not None:
            call.name += part.function.name or ""
            call.arguments += part.function.arguments or ""


class LLM:
    """One client for all users; its time and its retries are bounded."""

    def __init__(self, *, base_url: str, api_key: str, model: str, seconds: float) -> None:
        self.model = model
        timeout = Timeout(seconds, connect=CONNECT_SECONDS)
        self._client = AsyncOpenAI(base_url=base_url, api_key=api_key, timeout=timeout, max_retries=MAX_RETRIES)
        # The library imports this part on first use: better here than in somebody's first chat.
        self._completions = self._client.chat.completions

    async def ping(self) -> bool:
        """List the models, the cheapest request that proves address and key; True when there are any."""
        async for _ in self._client.with_options(timeout=PING_SECONDS, max_retries=0).models.list():
            return True
        raise LLMError("the endpoint offers no model")

    async def complete(
        self, messages: Sequence[ChatCompletionMessageParam], tools: Sequence[ChatCompletionToolParam]
    ) -> Completion:
        """Stream one answer and return it whole. Raises `LLMError`, also when the stream breaks off."""
        try:
            return await self._stream(messages, tools)
        except (OpenAIError, ValueError) as error:  # ValueError: a piece of the stream is not JSON
            raise LLMError(describe(error)) from error

    async def _stream(
        self, messages: Sequence[ChatCompletionMessageParam], tools: Sequence[ChatCompletionToolParam]
    ) -> Completion:
        completion, finished = Completion(), False
        stream = await self._completions.create(model=self.model, messages=messages, tools=tools, stream=True)
        async with stream:
            async for chunk in stream:
                for choice in chunk.choices:
                    completion.add(choice.delta)
                    finished = finished or choice.finish_reason is not None
        if not finished:  # the client library takes half an answer for a whole one
            raise LLMError("the stream ended before the answer did")
        return completion

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()
