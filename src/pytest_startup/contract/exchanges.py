"""A frame which a client sends, and what must come back for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.slots import key


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A frame, and what must come back."""

    say: Mapping[str, JsonValue] = field(
        hash=False,
        metadata=key(leaves.TEMPLATED_JSON, "The frame which is sent, as JSON; templates allowed, `{nonce}` too."),
    )
    receive: Mapping[str, JsonValue] = field(
        hash=False,
        metadata=key(
            leaves.TEMPLATED_JSON,
            "What the frame which comes back has at least, as JSON; templates allowed. Others may come before it.",
        ),
    )
    max_seconds: float = field(default=2.0, metadata=key(leaves.SECONDS, "Seconds until it must have come."))

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of(self.say)
        yield from texts_of(self.receive)
