"""SQL with templates: every value becomes a parameter, so that nothing which was captured can change a statement."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.templates import Reference, segments

_TEXT = re.compile(r"'(?:[^']|'')*'")
"""A text in quotes, as the SQL standard has it."""


def bound(sql: str, filled: Callable[[str], Any]) -> tuple[str, tuple[JsonValue, ...]]:
    """Return a statement with `$1`, `$2` ... in it, and what they stand for.

    `filled` gives the value of a text with templates. A text in quotes which has any becomes one parameter as a whole.
    """
    parameters: list[JsonValue] = []

    def parameter(text: str) -> str:
        value = filled(text)
        parameters.append(json.dumps(value) if isinstance(value, dict | list) else value)
        return f"${len(parameters)}"

    def quoted(text: str) -> str:
        inside = text[1:-1].replace("''", "'")
        return parameter(inside) if _has_templates(inside) else _plain(text)

    def bare(text: str) -> str:
        return "".join(part if isinstance(part, str) else parameter(str(part)) for part in segments(text))

    found, at = "", 0
    for literal in _TEXT.finditer(sql):
        found += bare(sql[at : literal.start()]) + quoted(literal[0])
        at = literal.end()
    return found + bare(sql[at:]), tuple(parameters)


def _has_templates(text: str) -> bool:
    return any(isinstance(part, Reference) for part in segments(text))


def _plain(text: str) -> str:
    """Return a text without templates: `{{` is a brace."""
    return "".join(map(str, segments(text)))
