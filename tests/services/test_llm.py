"""The stand-in for a language model: it says what the script says, to anybody, in each conversation from the start."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import openai
import psutil
import pytest
from tests.services.conftest import soon

from pytest_startup.contract.values import TextReply, ToolReply
from pytest_startup.errors import ServiceError
from pytest_startup.services import Endpoint, Keeper
from pytest_startup.services.reaping import tagged

QUESTION: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": "What is x?"}]
TOOLS: list[openai.types.chat.ChatCompletionToolUnionParam] = [
    {"type": "function", "function": {"name": "lookup", "parameters": {"type": "object", "properties": {}}}}
]
SCRIPT: list[Mapping[str, object]] = [{"tool": "lookup", "arguments": {"query": "x-4711"}}, {"text": "It is 4711."}]
NONCE = "ask0123456789abcdef"


Messages = list[openai.types.chat.ChatCompletionMessageParam]


def streamed(
    client: openai.OpenAI, messages: Messages = QUESTION
) -> Iterator[openai.types.chat.chat_completion_chunk.ChoiceDelta]:
    """Ask, and yield what comes back piece by piece."""
    for chunk in client.chat.completions.create(model="any", messages=messages, tools=TOOLS, stream=True):
        yield from (choice.delta for choice in chunk.choices)


def called(client: openai.OpenAI, messages: Messages = QUESTION) -> tuple[str, object]:
    """Ask, and return the tool call that was streamed, its pieces put together."""
    calls = [call.function for delta in streamed(client, messages) for call in delta.tool_calls or () if call.function]
    return "".join(call.name or "" for call in calls), json.loads("".join(call.arguments or "" for call in calls))


def said(client: openai.OpenAI, messages: Messages = QUESTION) -> str:
    """Ask, and return the text that was streamed."""
    return "".join(delta.content or "" for delta in streamed(client, messages))


def told(messages: Messages, result: str = "found") -> Messages:
    """Return a conversation in which the model has called a tool, and was told its result."""
    call = {"id": "call_1", "type": "function", "function": {"name": "lookup", "arguments": "{}"}}
    asked: Any = {"role": "assistant", "content": None, "tool_calls": [call]}
    return [*messages, asked, {"role": "tool", "tool_call_id": "call_1", "content": result}]


def client_of(endpoint: Endpoint) -> openai.OpenAI:
    """Return an ordinary client that is pointed at the stub."""
    return openai.OpenAI(base_url=endpoint.url(), api_key=endpoint.password, max_retries=0)


def test_a_scripted_tool_call_is_streamed_and_then_the_text(keeper: Keeper) -> None:
    """Replies come in order within a conversation, streamed or not, whoever else asks meanwhile."""
    endpoint = keeper.llm(SCRIPT, soon())
    after = told(QUESTION)
    with client_of(endpoint) as client:
        assert [model.id for model in client.models.list()]
        for _ in range(2):
            assert called(client) == ("lookup", {"query": "x-4711"})
        assert said(client, after) == "It is 4711."
        whole = client.chat.completions.create(model="any", messages=told(after))
        assert whole.choices[0].message.content == "It is 4711."
        assert called(client, [*after, {"role": "user", "content": "And y?"}])[0] == "lookup"
    keeper.give_back(endpoint)


def test_a_reply_carries_the_nonce_of_its_question(keeper: Keeper) -> None:
    """What is said to a question is provably said to this one, by either of OpenAI's interfaces."""
    endpoint = keeper.llm([{"tool": "lookup", "arguments": {"q": ["{nonce}"]}}, {"text": "{nonce} {is} it"}], soon())
    question: Messages = [{"role": "user", "content": f"Where is {NONCE}?"}]
    with client_of(endpoint) as client:
        assert called(client, question) == ("lookup", {"q": [NONCE]})
        assert said(client, told(question)) == f"{NONCE} {{is}} it"
        first = client.responses.create(model="any", input=f"Where is {NONCE}?")
        result: Any = {"type": "function_call_output", "call_id": "c", "output": f"found {NONCE}"}
        second = client.responses.create(model="any", input=[result], previous_response_id=first.id)
    assert [item.type for item in first.output] == ["function_call"]
    assert second.output_text == f"{NONCE} {{is}} it"
    keeper.give_back(endpoint)


def test_boots_that_are_alive_share_no_script(keeper: Keeper) -> None:
    """Two boots at a time have a script each."""
    endpoints = [keeper.llm([ToolReply("lookup", {"n": 1}), TextReply(text)], soon()) for text in ("one", "two")]
    after = told(QUESTION)
    with client_of(endpoints[0]) as first, client_of(endpoints[1]) as second:
        assert [called(first), called(second)] == [("lookup", {"n": 1})] * 2
        assert (said(first, after), said(second, after)) == ("one", "two")
    for endpoint in endpoints:
        keeper.give_back(endpoint)


def test_a_boot_begins_with_its_own_script_only(keeper: Keeper) -> None:
    """The script of a boot does not reach the next one, which may have the same process."""
    first = keeper.llm([{"text": "left over"}], soon())
    keeper.give_back(first)
    second = keeper.llm([{"text": "mine"}], soon())
    with client_of(second) as client:
        assert said(client) == "mine"
    assert first.password != second.password
    keeper.give_back(second)


def test_without_a_script_it_calls_a_tool_that_is_offered(keeper: Keeper) -> None:
    """An application that has no script gets something plausible."""
    endpoint = keeper.llm([], soon())
    with client_of(endpoint) as client:
        name, _ = called(client)
    assert name == "lookup"
    keeper.give_back(endpoint)


def test_a_reply_that_is_neither_is_refused(keeper: Keeper) -> None:
    """A reply is a text or a tool call; the error shows it."""
    with pytest.raises(ServiceError, match=r"reply \{'txt': 'x'\} is neither a text nor a tool call"):
        keeper.llm([{"txt": "x"}], soon())


def test_a_stub_that_is_idle_is_enough(keeper: Keeper) -> None:
    """Boots one after the other share one process, however often it is warmed."""
    for _ in range(3):
        keeper.warm(["llm"], soon())
        keeper.give_back(keeper.llm(SCRIPT, soon()))
    before = _stubs(keeper)
    for _ in range(3):
        keeper.warm(["llm"], soon())
        keeper.give_back(keeper.llm(SCRIPT, soon()))
    assert before == _stubs(keeper)


def _stubs(keeper: Keeper) -> int:
    """Return how many stubs this session runs."""
    commands = [psutil.Process(pid).cmdline() for pid in tagged({keeper.place.session_id})]
    return sum(any("llm_stub" in word for word in command) for command in commands)
