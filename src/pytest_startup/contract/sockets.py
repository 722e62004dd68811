"""How a user connects to a WebSocket of the application: what deliveries and the chat have in common."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.slots import key
from pytest_startup.contract.socket_words import FRAMES, Frame
from pytest_startup.contract.tables import Table


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
    first: tuple[Frame, ...] = field(
        default=(),
        hash=False,
        metadata=key(
            FRAMES,
            "The frame, or frames, which are sent first: a table as JSON, a text as it is; templates allowed.",
        ),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.path
        yield from (*self.headers.values(), *self.query.values(), *self.subprotocols)
        yield from texts_of(list(self.first))


CLIENT = Table(SocketClient, "a path or a table", '{ path = "/ws" }', short="path")
"""A socket: its path alone, or a table."""
