"""Which reply of the script is due to a request, by what the request holds."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_startup.services.llm_stub import due

REPLIES = [{"tool": "a", "arguments": {"q": "{nonce}", "n": [1, "{nonce}"]}}, {"tool": "b"}, {"text": "{nonce}: {x}"}]
OLD, NEW = "ask00000000000000aa", "ask00000000000000bb"
USER = {"role": "user", "content": "hello"}
MODEL = {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}
TOOL = {"role": "tool", "content": "found"}
CALL, RESULT = {"type": "function_call", "name": "a"}, {"type": "function_call_output", "output": "x"}
SYSTEM = {"role": "system", "content": "be kind"}

DUE: dict[str, tuple[dict[str, Any], int]] = {
    "a question": ({"messages": [SYSTEM, USER]}, 0),
    "after a tool": ({"messages": [SYSTEM, USER, MODEL, TOOL]}, 1),
    "after two results at once": ({"messages": [USER, MODEL, TOOL, TOOL]}, 1),
    "after two tools": ({"messages": [USER, MODEL, TOOL, MODEL, TOOL]}, 2),
    "the last one again": ({"messages": [USER, *[MODEL, TOOL] * 5]}, 2),
    "the second question": ({"messages": [USER, MODEL, TOOL, MODEL, USER]}, 0),
    "results alone": ({"messages": [SYSTEM, TOOL]}, 1),
    "nobody has asked": ({"messages": [SYSTEM]}, 0),
    "nothing": ({}, 0),
    "a text": ({"input": "hello"}, 0),
    "items": ({"input": [USER, CALL, RESULT]}, 1),
    "calls at once": ({"input": [USER, {"type": "reasoning"}, CALL, CALL, RESULT, RESULT]}, 1),
    "results of the one before": ({"input": [RESULT], "previous_response_id": "resp_1"}, 1),
}


@pytest.mark.parametrize(("body", "expected"), DUE.values(), ids=DUE)
def test_which_is_due(body: dict[str, Any], expected: int):
    """It is as many replies on as the model has said since the user spoke last."""
    reply = due(REPLIES, body)
    assert reply is not None
    assert list(REPLIES[expected].values())[:1] == [(reply.get("tool") or "{nonce}: {x}")]


def test_without_a_script():
    """Without a script, nothing is due."""
    assert due([], {"messages": [USER]}) is None


def asking(*nonces: str) -> dict[str, Any]:
    """Return a request in which the user says these."""
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": f"about {each}?"}]} for each in nonces]}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (asking(OLD, NEW), NEW),
        (asking(f"{OLD} and then {NEW}"), NEW),
        (asking("x"), ""),
        ({"messages": [*asking(NEW)["messages"], {"role": "tool", "content": OLD}]}, NEW),
        ({"input": [{"type": "function_call_output", "output": f"found {OLD}"}]}, OLD),
    ],
)
def test_the_nonce(body: dict[str, Any], expected: str):
    """The nonce is that of what the user said last, else any; nothing else in braces is replaced."""
    texts = {said for at in range(3) for said in [due(REPLIES[at:], body)] if said for said in [str(said)]}
    assert {"{nonce}" in text for text in texts} == {False}
    assert any(f"{expected}: {{x}}" in text for text in texts)
