"""How long answers may take: `[chat.latency]` for turns of the chat, `latency` of `[websocket]` for single frames."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import whole
from pytest_startup.contract.kinds import Leaf
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import key

SHARES = (50, 95, 99)
"""Of a hundred answers, so many came at most so late."""

_SAMPLES = Leaf(
    "a whole number from 2 to 1000", "50", whole(2, 1000), {"type": "integer", "minimum": 2, "maximum": 1000}
)


def samples_for(share: int) -> int:
    """Return how many answers it takes to say anything of a percentile: one of them may come later."""
    return 100 // (100 - share)


def _limit(share: int, what: str) -> dict[str, object]:
    return key(leaves.SECONDS, f"Seconds within which {share} of 100 {what}.")


_FIRST, _LAST = "questions have their first event", "turns of the chat have ended"
_ANSWERS = "answers to `alive` have come"


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLatency:
    """How long those who ask at the same moment wait, by percentiles."""

    first_p50: float | None = field(default=None, metadata=_limit(50, _FIRST))
    first_p95: float | None = field(default=None, metadata=_limit(95, _FIRST))
    first_p99: float | None = field(default=None, metadata=_limit(99, _FIRST))
    p50: float | None = field(default=None, metadata=_limit(50, _LAST))
    p95: float | None = field(default=None, metadata=_limit(95, _LAST))
    p99: float | None = field(default=None, metadata=_limit(99, _LAST))

    @property
    def limits(self) -> Iterator[tuple[str, float]]:
        """Yield the name and the seconds of each limit that is declared."""
        found = ((each.name, getattr(self, each.name)) for each in fields(self))
        return ((name, seconds) for name, seconds in found if seconds is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLatency:
    """How long one waits for an answer to a frame when nothing else goes on, by percentiles."""

    p50: float | None = field(default=None, metadata=_limit(50, _ANSWERS))
    p95: float | None = field(default=None, metadata=_limit(95, _ANSWERS))
    p99: float | None = field(default=None, metadata=_limit(99, _ANSWERS))
    samples: int = field(
        default=50, metadata=key(_SAMPLES, "How many are sent, one after the other; p95 needs 20 of them, p99 100.")
    )

    @property
    def limits(self) -> Iterator[tuple[str, float]]:
        """Yield the name and the seconds of each limit that is declared."""
        found = ((f"p{share}", getattr(self, f"p{share}")) for share in SHARES)
        return ((name, seconds) for name, seconds in found if seconds is not None)


def share_of(name: str) -> int:
    """Return the percentage of a limit called `p95`, or `first_p95`."""
    return int(name.rpartition("p")[2])


def check(socket: Raw, latency: Raw, spot: Spot) -> None:
    """Note what could not be measured: nothing that is sent, too little of it. It looks at the raw tables."""
    if "alive" not in socket:
        fix = 'write alive = { say = { type = "ping" }, receive = { type = "pong" } } below [websocket]'
        spot.wrong("needs websocket.alive, which says what is sent and what answers it", fix=fix)
    samples = latency.get("samples", 50)
    for share in SHARES:
        needed = samples_for(share)
        if f"p{share}" in latency and isinstance(samples, int) and 1 < samples < needed:
            problem = f"is too few for p{share}, which needs {needed}"
            (spot / "samples").wrong(problem, value=samples, fix=f"write samples = {needed}")
