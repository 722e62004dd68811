"""`[websocket.heartbeat]`: how the application sees that somebody is still there, and when it gives somebody up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import key

EXAMPLE = '{ every = 15.0, frame = { type = "heartbeat" }, answer = { type = "heartbeat_ack" }, dead_within = 60.0 }'


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What every open connection gets at one pace, and how long somebody may be silent."""

    every: float = field(metadata=key(leaves.SECONDS, "Seconds between two heartbeats."))
    dead_within: float = field(
        metadata=key(
            leaves.SECONDS,
            "Seconds within which a connection is closed on which nobody answers, though it is open as far as the "
            "network can tell.",
        )
    )
    frame: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(leaves.TEMPLATED_JSON, "What a heartbeat has at least, as JSON; templates allowed."),
    )
    answer: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(leaves.TEMPLATED_JSON, "The frame by which a client answers a heartbeat; templates allowed."),
    )
    ping: bool = field(
        default=False,
        metadata=key(
            leaves.FLAG, "Whether it is a ping of the protocol (RFC 6455, 5.5.2), which any client answers by itself."
        ),
    )
    closes: tuple[int, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.CLOSE_CODE, "an array of WebSocket close codes, from 1000 to 4999"),
            "The codes by which such a connection is closed; unless they are said, it may end in any way.",
        ),
    )
    profile: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("profile"), "The profile in which this is tried, where usual intervals are too long."
        ),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of(self.frame or {})
        yield from texts_of(self.answer or {})


def check(heartbeat: Raw, spot: Spot) -> None:
    """Note what nobody could hear, or keep to. It looks at the raw table."""
    if "frame" not in heartbeat and heartbeat.get("ping") is not True:
        problem = "is missing; nothing says what a heartbeat is"
        (spot / "frame").wrong(problem, fix='write frame = { type = "heartbeat" }, or ping = true')
    if "frame" in heartbeat and heartbeat.get("ping") is True:
        (spot / "ping").wrong("cannot be beside frame: a heartbeat is the one or the other", fix="keep one of them")
    if "answer" in heartbeat and "frame" not in heartbeat:
        (spot / "answer").wrong("belongs to frame, which is not there", fix="remove it")
    every, dead = heartbeat.get("every"), heartbeat.get("dead_within")
    if isinstance(every, int | float) and isinstance(dead, int | float) and 0 < dead <= every:
        problem = f"is not more than every ({every:g}): nobody could have been missed by then"
        (spot / "dead_within").wrong(problem, value=dead, fix=f"write dead_within = {3 * every:g}")
