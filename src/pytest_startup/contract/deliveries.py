"""`[[deliveries]]`: what is put in inside the process comes out at the socket of the right user, and there alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_in, texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.slots import key
from pytest_startup.contract.tables import Table

RECIPIENT = "recipient"
"""The template which stands for whoever is to get what is put in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketClient:
    """How a user who has made the journey connects; templates are those of the journey."""

    path: str = field(metadata=key(leaves.TEMPLATED_URL, "The path, with its query if any; templates allowed."))
    headers: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "Headers; templates allowed.")
    )
    query: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "The query; templates allowed.")
    )
    subprotocols: tuple[str, ...] = field(
        default=(), metadata=key(Several(leaves.TEMPLATED, "an array of texts"), "Subprotocols; templates allowed.")
    )
    first: tuple[Mapping[str, JsonValue], ...] = field(
        default=(),
        hash=False,
        metadata=key(leaves.FRAMES, "The frame, or frames, which are sent first, as JSON; templates allowed."),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.path
        yield from (*self.headers.values(), *self.query.values(), *self.subprotocols)
        yield from texts_of(list(self.first))


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event that is put in inside the process, and the socket at which it has to arrive."""

    name: str = field(metadata=key(leaves.DELIVERY_NAME, "The name of the delivery, unique."))
    journey: str = field(
        metadata=key(leaves.reference("journey"), "The journey which is walked first, by each of two users.")
    )
    socket: SocketClient = field(
        metadata=key(
            Table(SocketClient, "a path or a table", '{ path = "/ws" }', short="path"), "How each of them connects."
        )
    )
    put: Place = field(
        metadata=key(
            leaves.PUT_PLACE,
            "A call within the application which sends an event. In its texts `{nonce}` is what must arrive (another "
            "text each time), `{recipient}` whoever is to get it.",
        )
    )
    recipient: str = field(
        default="",
        metadata=key(leaves.TEMPLATED, "What `{recipient}` is for a user, such as `{user_id}` which the journey took."),
    )
    max_seconds: float = field(default=2.0, metadata=key(leaves.SECONDS, "Seconds until it must have arrived."))
    synthetic: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.WILDCARD, "an array of texts such as test_*"),
            "Recipients of self-checks, `*` for any text: nobody can be missing them, so nothing is said of them.",
        ),
    )
    undeliverable: str | None = field(
        default=None,
        metadata=key(
            leaves.PATTERN,
            "What the log must say when a real recipient is not there, as a regular expression (raising will do too).",
        ),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.recipient
        yield from self.socket.texts()
        yield from texts_in(self.put)
