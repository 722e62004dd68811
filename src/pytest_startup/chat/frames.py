"""What a frame says: its type, and what stands at a dotted path in it."""

from __future__ import annotations

import json
from typing import Any

from pytest_startup.contract.places import JsonValue

SHOWN = 200
"""Characters of a frame which are shown."""


def at(document: Any, path: str) -> JsonValue:  # noqa: ANN401 (JSON)
    """Return what stands at a dotted path, a number being an index; raises `LookupError`."""
    value = document
    for part in path.split("."):
        if isinstance(value, dict):
            value = value[part]
        elif isinstance(value, list) and part.isdigit():
            value = value[int(part)]
        else:
            raise LookupError(path)
    found: JsonValue = value
    return found


def text_of(frame: str | bytes) -> str:
    """Return a frame as text."""
    return frame if isinstance(frame, str) else frame.decode(errors="replace")


def document_of(text: str) -> JsonValue:
    """Return the JSON of a frame; None for a text which is none."""
    try:
        found: JsonValue = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found


def type_of(document: JsonValue, text: str, path: str) -> str:
    """Return the type of a frame; of one that has none, its text."""
    try:
        found = at(document, path)
    except LookupError:
        return shown(text)
    return found if isinstance(found, str) else json.dumps(found)


def shown(text: str) -> str:
    """Return as much of a text as is shown."""
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."
