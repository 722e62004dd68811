"""What is done to a boot on purpose: the faults of a variation, and the seed of its order.

A variation is chosen by a test and recorded in the trace, so that a check knows what the application went through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PhaseFaultKind = Literal["raises", "hangs", "slow", "half-done", "twice"]
ServiceFaultKind = Literal["absent", "silent", "late", "slow", "resets", "cut", "wrong-credentials", "dies", "returns"]


@dataclass(frozen=True, slots=True)
class PhaseFault:
    """One phase goes wrong.

    `raises` at its beginning; `hangs` there for ever; is `slow` by `seconds`; is `half-done`: what it provides is None
    afterwards; runs `twice` at once.
    """

    phase: str
    kind: PhaseFaultKind
    seconds: float = 0.0

    @property
    def subject(self) -> str:
        """Whom it strikes: the phase."""
        return self.phase

    def __str__(self) -> str:
        """Return `phase:kind`, as in the id of a test."""
        return f"{self.phase}:{self.kind}"


@dataclass(frozen=True, slots=True)
class ServiceFault:
    """One service goes wrong, as the application sees it through its tap.

    From the beginning: `absent` (refuses connections), `silent` (accepts and never answers), `late` (absent until
    `seconds` after the application first looked for it), `slow` (every answer `seconds` later), `resets` (every
    connection), `cut` (connections end in mid-reply), `wrong-credentials` (never felt where there is no password).
    Once the application is ready: `dies` (watched for at most `seconds`, 0: as long as is usual), or `returns`
    `seconds` after it died.
    """

    service: str
    kind: ServiceFaultKind
    seconds: float = 0.0

    @property
    def subject(self) -> str:
        """Whom it strikes: the service."""
        return self.service

    def __str__(self) -> str:
        """Return `service:kind`, as in the id of a test."""
        return f"{self.service}:{self.kind}"


@dataclass(frozen=True, slots=True)
class Variation:
    """How one boot differs from the ordinary one. `seed` shuffles what the event loop has ready in each turn."""

    faults: tuple[PhaseFault | ServiceFault, ...] = ()
    seed: int | None = None

    def __str__(self) -> str:
        """Return the faults and the seed in one word, as in the id of a test."""
        parts = [*map(str, self.faults), *([f"seed={self.seed}"] if self.seed is not None else [])]
        return "+".join(parts) or "plain"


PLAIN = Variation()
"""The ordinary boot."""
