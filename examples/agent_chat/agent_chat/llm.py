"""The language model, over the API of OpenAI: chat completions, streamed, by plain HTTP.

The client library of OpenAI would take longer to import than all the rest of this application together.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from httpx import AsyncClient, HTTPError, Response, Timeout, TransportError

from agent_chat.certificates import trusted
from agent_chat.errors import describe

CONNECT_SECONDS = 2.0
MAX_RETRIES = 2
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 60.0
PING_SECONDS = 2.0
TOO_MANY_REQUESTS, SERVER_ERROR = 429, 500

Json = Mapping[str, Any]
"""A message, the description of a tool, or a piece of an answer, as the API has it."""


class LLMError(RuntimeError):
    """The model did not answer, or not with something that can be used."""


class LLMBusyError(LLMError):
    """The model has no answer now; `pause` is when it wants to be asked again, in seconds, None if it does not say."""

    def __init__(self, status: int, pause: float | None) -> None:
        self.pause = pause
        super().__init__(f"the model answered {status}")


TRANSIENT = (TransportError, LLMBusyError)


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

    def add(self, delta: Json) -> None:
        """Add a streamed piece."""
        self.text += delta.get("content") or ""
        for part in delta.get("tool_calls") or ():
            self._add_to_call(part)

    def _add_to_call(self, part: Json) -> None:
        while len(self.tool_calls) <= part["index"]:
            self.tool_calls.append(ToolCall())
        call, function = self.tool_calls[part["index"]], part.get("function") or {}
        call.id = part.get("id") or call.id
        call.name += function.get("name") or ""
        call.arguments += function.get("arguments") or ""


class LLM:
    """One client for all users; its time and its retries are bounded."""

    def __init__(self, *, base_url: str, api_key: str, model: str, seconds: float) -> None:
        self.model = model
        timeout = Timeout(seconds, connect=CONNECT_SECONDS)
        headers = {"Authorization": f"Bearer {api_key}"}
        self._client = AsyncClient(base_url=base_url, headers=headers, timeout=timeout, verify=trusted())

    async def ping(self) -> bool:
        """List the models, the cheapest request that proves address and key; True when there are any."""
        response = await self._client.get("models", timeout=PING_SECONDS)
        _check(response)
        if not response.json()["data"]:
            raise LLMError("the endpoint offers no model")
        return True

    async def complete(self, messages: Sequence[Json], tools: Sequence[Json]) -> Completion:
        """Stream one answer and return it whole. Raises `LLMError`, also when the stream breaks off."""
        try:
            return await self._stream(messages, tools)
        except (
            HTTPError,
            ValueError,
            LookupError,
        ) as error:  # a piece is not as it must be
            raise LLMError(describe(error)) from error

    async def _stream(self, messages: Sequence[Json], tools: Sequence[Json]) -> Completion:
        completion, finished = Completion(), False
        async for choice in self._choices(messages, tools):
            completion.add(choice["delta"])
            finished = finished or choice.get("finish_reason") is not None
        if not finished:
            raise LLMError("the stream ended before the answer did")
        return completion

    async def _choices(self, messages: Sequence[Json], tools: Sequence[Json]) -> AsyncIterator[Json]:
        """Ask, and yield what comes back, piece by piece (server-sent events)."""
        question = {"model": self.model, "messages": messages, "tools": tools, "stream": True}
        response = await self._opened(question)
        try:
            async for line in response.aiter_lines():
                data = line.removeprefix("data:").strip()
                if data.startswith("{"):
                    for choice in json.loads(data).get("choices", ()):
                        yield choice
        finally:
            await response.aclose()

    async def _opened(self, question: Json) -> Response:
        """Return the answer to a question as soon as it begins; a model that is busy or out of reach is asked again."""
        for attempt in range(MAX_RETRIES):
            try:
                return await self._asked(question)
            except TRANSIENT as error:
                await asyncio.sleep(_pause(error, attempt))
        return await self._asked(question)

    async def _asked(self, question: Json) -> Response:
        request = self._client.build_request("POST", "chat/completions", json=question)
        response = await self._client.send(request, stream=True)
        try:
            _check(response)
        except Exception:
            await response.aclose()
            raise
        return response

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _check(response: Response) -> None:
    """Raise `LLMBusyError` where it may be tried again, `HTTPError` where that would be of no use."""
    if response.status_code == TOO_MANY_REQUESTS or response.status_code >= SERVER_ERROR:
        told = response.headers.get("Retry-After", "")
        raise LLMBusyError(response.status_code, float(told) if told.isdigit() else None)
    response.raise_for_status()


def _pause(error: Exception, attempt: int) -> float:
    """Return the seconds until the next attempt: what the model says, else twice as many each time, with jitter."""
    if isinstance(error, LLMBusyError) and error.pause is not None:
        return min(error.pause, LONGEST_PAUSE)
    return FIRST_PAUSE * 2**attempt * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret
