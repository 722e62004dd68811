"""`[[deliveries]]`: what is put in inside the process comes out at the socket of the right user, and there alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.slots import key
from pytest_startup.contract.sockets import CLIENT, SocketClient

RECIPIENT = "recipient"
"""The template which stands for whoever is to get what is put in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An event that is put in inside the process, and the socket at which it has to arrive."""

    name: str = field(metadata=key(leaves.DELIVERY_NAME, "The name of the delivery, unique."))
    journey: str = field(
        metadata=key(leaves.reference("journey"), "The journey which is walked first, by each of two users.")
    )
    socket: SocketClient = field(metadata=key(CLIENT, "How each of them connects."))
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
