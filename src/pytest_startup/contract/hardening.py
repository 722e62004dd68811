"""`[[headers]]`: what every answer says, or keeps to itself, so that browsers protect whoever uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import cast

from pytest_startup.contract import leaves
from pytest_startup.contract.http_words import HEADER
from pytest_startup.contract.kinds import Leaf, Several, Wrong
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import key
from pytest_startup.contract.sockets import CLIENT, SocketClient

ANY = "*"
MATCHING = "~"
"""What a value begins with that is a regular expression."""


def _values(value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(each, str) and each for each in value.values()):
        raise Wrong
    for name, text in value.items():
        HEADER.convert(name)
        try:
            re.compile(text.removeprefix(MATCHING) if text.startswith(MATCHING) else "")
        except re.error as error:
            raise Wrong(problem=f"has what is no regular expression for {name}: {error}") from None
    return cast("dict[str, str]", dict(value))


VALUES = Leaf(
    "a table of names of headers and their values: a text, * for any, ~ and a regular expression",
    '{ X-Content-Type-Options = "nosniff" }',
    _values,
    {
        "type": "object",
        "propertyNames": HEADER.json,
        "additionalProperties": {"type": "string", "minLength": 1},
    },
)


def _declare(name: str, spot: Spot) -> None:
    spot.declare("rule for headers", name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """Headers of answers: of good ones, and of those where somebody is refused, or something is not found."""

    name: str = field(metadata=key(leaves.NAME.noting(_declare), "The name of these rules, unique."))
    paths: tuple[str, ...] = field(
        metadata=key(
            Several(leaves.TEMPLATED_URL, "an array of paths or whole URLs, at least one", empty=False),
            "Where they hold, by GET; also for one that there is not, and for whoever is not let in.",
        )
    )
    required: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(VALUES, "Headers which every answer has: this value, `*` for any, or `~` and what is in it."),
    )
    absent: tuple[str, ...] = field(
        default=(), metadata=key(Several(HEADER, "an array of names"), "Headers which no answer has.")
    )
    journey: str | None = field(
        default=None, metadata=key(leaves.reference("journey"), "The journey of whoever asks, where one is needed.")
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_TEXTS, "Headers of the request itself; templates allowed, as in that journey."),
    )
    socket: SocketClient | None = field(
        default=None,
        metadata=key(CLIENT, "A WebSocket which is denied to whoever shows nothing: its path alone is asked for."),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from (*self.paths, *self.headers.values())
        if self.socket is not None:
            yield from self.socket.texts()
