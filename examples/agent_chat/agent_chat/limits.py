"""What a user may have at once, by their tier."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FREE, PRO = "free", "pro"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one user may have: connections at once by tier, connects in a while, and frames that wait for them."""

    connections: Mapping[str, int] = field(default_factory=lambda: {FREE: 5, PRO: 10})
    reconnects: int = 30
    kept_frames: int = 100
