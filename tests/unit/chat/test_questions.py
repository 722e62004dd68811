"""Which keys of a question differ when somebody says another one."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pytest_startup.chat.questions import differing

PLAIN = {"type": "ask", "text": "Say {nonce}!"}
NESTED = {"event": "ask", "data": [{"id": "{nonce}", "text": "Say {nonce}!"}, 1]}


@pytest.mark.parametrize(
    ("ask", "text", "keys", "expected"),
    [
        (PLAIN, None, {}, {}),
        (PLAIN, "Hello", {}, {"text": "Hello {nonce}"}),
        (PLAIN, "{nonce}: a {brace}", {}, {"text": "{nonce}: a {{brace}}"}),
        (PLAIN, None, {"thread": 7, "more": ["{x}"]}, {"thread": 7, "more": ["{{x}}"]}),
        (PLAIN, "Hello", {"thread": "t"}, {"thread": "t", "text": "Hello {nonce}"}),
        (NESTED, "Hello", {}, {"data": [{"id": "{nonce}", "text": "Hello {nonce}"}, 1]}),
        ({"id": "{nonce}"}, "Hello", {}, {"id": "Hello {nonce}"}),
    ],
)
def test_what_differs(ask: dict[str, Any], text: str | None, keys: dict[str, Any], expected: dict[str, Any]):
    """A text takes the place of the one with the nonce, and keeps it; nothing else in braces is a template."""
    assert expected == differing(ask, text, keys)


@pytest.mark.parametrize(
    ("ask", "text", "keys", "problem"),
    [
        (PLAIN, None, {"text": "Hello"}, "has no {nonce}"),
        ({"a": "x {nonce}", "b": "y {nonce}"}, "Hello", {}, "{nonce} stands in a, b; say the keys"),
        ({"a": "{nonce}", "b": "{nonce}"}, "Hello", {}, "{nonce} stands in a, b; say the keys"),
        (NESTED, "Hello", {"data": {}}, "stands at 0, which is not there any more"),
    ],
)
def test_what_cannot_be_asked(ask: dict[str, Any], text: str | None, keys: dict[str, Any], problem: str):
    """A question whose answer could not be told from others is refused, and so is one where its text is not clear."""
    with pytest.raises(ValueError, match=re.escape(problem)):
        differing(ask, text, keys)
