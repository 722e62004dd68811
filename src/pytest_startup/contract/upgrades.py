"""`[websocket.upgrades]`: how many sockets may be asked for in one moment, and how it says that it is too much."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import whole
from pytest_startup.contract.kinds import Leaf, Several
from pytest_startup.contract.slots import key

_REFUSAL = Leaf(
    "an HTTP status from 400, or a WebSocket close code up to 4999",
    "503",
    whole(400, 4999),
    {"type": "integer", "minimum": 400, "maximum": 4999},
)
_ROUNDS = Leaf(
    "a whole number from 1 to 50", "3", whole(1, 50), {"type": "integer", "minimum": 1, "maximum": 50}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrades:
    """A crowd which comes in one moment, and leaves again."""

    at_once: int = field(metadata=key(leaves.USERS, "How many sockets are asked for in one moment."))
    per_user: int = field(
        default=1,
        metadata=key(
            leaves.CONNECTIONS, "How many of them each user has, so that fewer have to make the journey before."
        ),
    )
    rounds: int = field(default=3, metadata=key(_ROUNDS, "How often all of them come and leave."))
    max_seconds: float = field(
        default=5.0,
        metadata=key(leaves.SECONDS, "Seconds within which each handshake must have been answered, in whatever way."),
    )
    refused: tuple[int, ...] = field(
        default=(),
        metadata=key(
            Several(_REFUSAL, "an array of HTTP statuses and WebSocket close codes"),
            "By which statuses, or close codes, one may be refused that is too much; unless it is said, none may.",
        ),
    )
