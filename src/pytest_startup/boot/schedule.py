"""The schedule of a chaos: which service falters how, and when. Pure: one seed, one schedule, on every machine.

An episode strikes at an answer of the service, counted since the start: so it meets the traffic as long as there is
any, however quick or slow the machine is. After the last one all is well.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pytest_startup.contract.model import Contract
from pytest_startup.variation import ServiceFault, Variation

Way = Literal["jitter", "narrow", "silence", "reset", "cut", "refuse"]

EPISODES = 3
MOST_BETWEEN = 5
"""Answers that come well between two episodes, at most."""

LATENCY = (0.005, 0.06)
"""The least and the most by which an answer comes later in `jitter`, in seconds."""

RATES = (16_384, 65_536)
"""Bytes per second in `narrow`."""

_SECONDS: dict[Way, tuple[float, float]] = {
    "jitter": (0.4, 0.8),
    "narrow": (0.4, 0.8),
    "silence": (0.15, 0.4),
    "reset": (0.0, 0.0),
    "cut": (0.0, 0.0),
    "refuse": (0.2, 0.4),
}
"""How long each lasts, from its first answer on."""

BREAKING: tuple[Way, ...] = ("reset", "cut", "refuse")
SLOWING: tuple[Way, ...] = ("jitter", "narrow", "silence")


@dataclass(frozen=True, slots=True)
class Episode:
    """One thing that goes wrong, after `skipped` more answers, for `seconds`; `seed` decides what it has of chance.

    Every answer comes a while later (`jitter`); so many bytes in a second (`narrow`, `rate`); none comes (`silence`).
    Or the connection breaks: before the answer (`reset`), in its middle (`cut`); `refuse`: and so does whoever
    connects from then on, at once.
    """

    way: Way
    skipped: int
    seconds: float
    rate: int
    seed: int

    def __str__(self) -> str:
        """Return it in words."""
        rate = f" at {self.rate} B/s" if self.way == "narrow" else ""
        lasts = f" for {self.seconds:.2f} s" if self.seconds else ""
        return f"{self.way}{rate}{lasts}, {self.skipped} answers later"


def draw(seed: int, service: str) -> tuple[Episode, ...]:
    """Return the episodes of a service: the first at once; at least one that slows it and one that breaks it."""
    chance = random.Random(f"{seed}:{service}")  # noqa: S311 - it has to be the same each time
    ways = [chance.choice(SLOWING), chance.choice(BREAKING), chance.choice((*SLOWING, *BREAKING))][:EPISODES]
    chance.shuffle(ways)
    return tuple(_episode(chance, way, first=number == 0) for number, way in enumerate(ways))


def _episode(chance: random.Random, way: Way, *, first: bool) -> Episode:
    skipped = 0 if first else chance.randint(0, MOST_BETWEEN)
    return Episode(way, skipped, chance.uniform(*_SECONDS[way]), chance.randint(*RATES), chance.getrandbits(32))


def faults(variation: Variation, contract: Contract) -> Sequence[ServiceFault]:
    """Return the faults of a chaos: of every service whose contract says what must happen then."""
    if variation.chaos is None:
        return ()
    return [ServiceFault(each.name, "falters") for each in contract.services if each.outcome.falters is not None]
