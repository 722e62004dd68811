"""Messages which are no good: what can be sent to any socket, and what can be made of those that it understands.

Each has a name, which is that of its test. Templates in them are not filled yet.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_startup.contract.journeys import NONCE
from pytest_startup.contract.places import JsonValue

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract

DEEP = 100_000
"""Levels of a document that is nested too deeply for any reader which calls itself."""

LONG = 100_000
"""Characters of a very long text; well below any limit of a server's own."""

UNKNOWN = "startup-of-nobody"
"""A type that no application has."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A message: raw (text or bytes), or a `document` with templates, sent as JSON.

    `wrong` ones are so for whatever application; of the others it may be that they are understood.
    """

    name: str
    raw: str | bytes | None = None
    document: Mapping[str, JsonValue] | None = None
    wrong: bool = True


def payloads(contract: Contract) -> Iterator[Payload]:
    """Yield all that can be tried with a contract's socket; nothing when it has none."""
    if contract.websocket is None:
        return
    yield Payload("not-json", '{"type": ')
    yield Payload("empty", "")
    yield Payload("number", "7")
    yield Payload("text", '"text"')
    yield Payload("array", "[]")
    yield Payload("null", "null")
    yield Payload("no-keys", "{}")
    yield Payload("binary", b"\x00\xff\xfe\x01")
    yield Payload("deep", "[" * DEEP + "]" * DEEP)
    for index, each in enumerate(contract.websocket.bad):
        yield Payload(f"bad-{index}", each if isinstance(each, str) else json.dumps(each))
    seen: set[str] = set()
    for frame in _understood(contract):
        for payload in _made_of(frame, _type_of(contract)):
            if payload.name not in seen:
                seen.add(payload.name)
                yield payload


def _understood(contract: Contract) -> Iterator[Mapping[str, JsonValue]]:
    """Yield the messages which are understood, the longest first: it shows most."""
    assert contract.websocket is not None  # noqa: S101
    found = [each.say for each in contract.websocket.routes]
    if contract.chat is not None and contract.chat.question.body and contract.chat.question.request is None:
        found.insert(0, contract.chat.question.body)
    yield from found


def _type_of(contract: Contract) -> str:
    return contract.chat.type if contract.chat is not None else "type"


def _made_of(frame: Mapping[str, JsonValue], kind: str) -> Iterator[Payload]:
    if kind in frame:
        yield Payload("no-type", document={key: value for key, value in frame.items() if key != kind})
        yield Payload("unknown-type", document={**frame, kind: UNKNOWN})
    for key, value in frame.items():
        for word, other in _instead(value):
            yield Payload(f"{key}-{word}", document={**frame, key: other}, wrong=key == kind)
        if isinstance(value, str) and f"{{{NONCE}}}" in value:
            yield Payload(f"{key}-nul", document={**frame, key: f"{value}\x00"}, wrong=False)
            yield Payload(f"{key}-surrogate", document={**frame, key: f"{value}\ud800"}, wrong=False)


def _instead(value: JsonValue) -> Iterator[tuple[str, Any]]:
    """Yield, by a word, what has another type than a value of a message."""
    yield "null", None
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield "number", 7
    if not isinstance(value, list):
        yield "array", []
    yield "long", "x" * LONG
