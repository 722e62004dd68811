"""`[[limits]]`: how much somebody may ask, by requests or over a WebSocket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.security import ASKED, CLOSE_CODES, Asked
from pytest_startup.contract.slots import Key, Option, choice, key
from pytest_startup.contract.sockets import CLIENT, SocketClient


@dataclass(frozen=True, slots=True)
class Spoken:
    """A frame which is sent over a socket, and what comes back to one that is served."""

    socket: SocketClient
    say: Mapping[str, JsonValue] = field(hash=False)
    served: Mapping[str, JsonValue] = field(hash=False)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.socket.texts()
        yield from (*texts_of(self.say), *texts_of(self.served))


_SAY = Key(
    "say",
    leaves.TEMPLATED_JSON,
    "The frame which is sent over the socket again and again, as JSON; templates allowed, and `{nonce}` is another "
    "one in each.",
)
_SERVED = Key(
    "served",
    leaves.TEMPLATED_JSON,
    "What the frame has at least that comes back to one which is served, as JSON; with `{nonce}` in it, answers come "
    "in the order of the frames. Others may come in between.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much somebody may ask within some time."""

    name: str = field(metadata=key(leaves.LIMIT_NAME, "The name of the limit, unique."))
    way: Asked | Spoken = field(
        metadata=choice(
            "way",
            Option(Key("request", ASKED, "The request which is made again and again.")),
            Option(
                Key("socket", CLIENT, "The WebSocket over which is said too much."),
                beside=(_SAY, _SERVED),
                build=Spoken,
            ),
        )
    )
    allowed: int = field(metadata=key(leaves.COUNT, "How many of them are served."))
    seconds: float = field(default=60.0, metadata=key(leaves.SECONDS, "... within this time, however it is counted."))
    journey: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("journey"),
            "The journey of whoever makes them; its own requests may count, or not.",
        ),
    )
    per: Literal["user", "address"] = field(
        default="address",
        metadata=key(
            leaves.word("user", "address"),
            "Whose requests count together. `user`: another one, who has made the journey too, is served all the same.",
        ),
    )
    tier: str | None = field(
        default=None, metadata=key(leaves.NAME, "The tier of the users who may do so much: the journey is that of one.")
    )
    of: str | None = field(
        default=None, metadata=key(leaves.NAME, "What is limited, by tiers: those of one name are compared.")
    )
    status: tuple[int, ...] = field(
        default=(429,), metadata=key(leaves.STATUSES, "The status of the answer to one too many.")
    )
    retry_after: bool = field(
        default=False,
        metadata=key(leaves.FLAG, "Whether that answer says in `Retry-After` when to come back (RFC 9110, 10.2.3)."),
    )
    refused: Mapping[str, JsonValue] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_JSON, "Of a socket: what the frame has at least which refuses one too many."),
    )
    refused_close: tuple[int, ...] = field(
        default=(),
        metadata=key(CLOSE_CODES, "... or the codes by which the socket is closed then; else it stays open."),
    )
    max_seconds: float = field(
        default=5.0, metadata=key(leaves.SECONDS, "Of a socket: seconds without any answer after which none comes.")
    )

    @property
    def what(self) -> str:
        """What is done too often, as a report shows it."""
        return str(self.way.request) if isinstance(self.way, Asked) else f"a frame over {self.way.socket.path}"

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from (*self.way.texts(), *texts_of(self.refused))
