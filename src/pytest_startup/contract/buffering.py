"""`[websocket.buffer]` and `[websocket.confirm]`: what is kept for a user, how much of it, and until when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.slots import key
from pytest_startup.contract.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Buffer:
    """What is kept for a user who is away, when that is more than can be kept."""

    put: Place = field(
        metadata=key(
            leaves.PUT_PLACE,
            "A call within the application which sends a message to a user; in its texts `{nonce}` is what must "
            "arrive, and what the journey captured says to whom.",
        )
    )
    put_high: Place | None = field(
        default=None,
        metadata=key(leaves.PUT_PLACE, "The same, for a message of high priority, which is never dropped."),
    )
    size: int = field(default=100, metadata=key(leaves.COUNT, "How many messages are kept for one user, of all sorts."))
    keeps: Literal["newest", "oldest"] = field(
        default="newest",
        metadata=key(leaves.word("newest", "oldest"), "Which of those without priority are kept, when there are more."),
    )
    told: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(
            leaves.JSON_TABLE, "What the frame has at least by which a user is told of what was lost, as JSON."
        ),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        for place in (self.put, self.put_high):
            yield from texts_in(place) if place is not None else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """A message which comes again until its user has confirmed it."""

    put: Place = field(
        metadata=key(
            leaves.PUT_PLACE,
            "A call within the application which sends a message that wants to be confirmed; in its texts `{nonce}` is "
            "what must arrive, and what the journey captured says to whom.",
        )
    )
    say: Mapping[str, JsonValue] = field(
        hash=False,
        metadata=key(
            leaves.TEMPLATED_JSON,
            "The frame which confirms it, as JSON; `{id}` in it is the id of the message, other templates are allowed.",
        ),
    )
    id: str = field(default="id", metadata=key(leaves.TEXT, "The dotted path of the id in its frame."))
    max_seconds: float = field(
        default=2.0, metadata=key(leaves.SECONDS, "Seconds until it must have come, at first and after each return.")
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_in(self.put)
        yield from texts_of(self.say)


BUFFER = Table(Buffer, "a table", "{ put = \"component.send('{user_id}', '{nonce}')\", size = 100 }")
"""What is kept for who is away."""

CONFIRM = Table(
    Confirm, "a table", '{ put = "component.send(\'{user_id}\', \'{nonce}\')", say = { type = "ack", id = "{id}" } }'
)
"""How what has come is confirmed."""
