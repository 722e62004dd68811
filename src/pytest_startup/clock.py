"""One monotonic clock, and deadlines on it.

`time.monotonic` is the same clock in every process of a machine (CLOCK_MONOTONIC on Linux, mach_absolute_time on
macOS), so events of the application's process and of ours stand on one line without any translation.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from pytest_startup.errors import DeadlineExceeded

now = time.monotonic
"""Seconds on the one clock; only differences mean anything."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment by which `what` must have happened."""

    what: str
    seconds: float
    at: float

    @classmethod
    def after(cls, seconds: float, what: str) -> Self:
        """Return the deadline for `what`, `seconds` from now."""
        return cls(what, seconds, now() + seconds)

    @property
    def expired(self) -> bool:
        """Whether the moment has passed."""
        return now() >= self.at

    def remaining(self) -> float:
        """Return the seconds left, never below 0."""
        return max(0.0, self.at - now())

    def within(self, seconds: float) -> Self:
        """Return the earlier of this one and the moment `seconds` from now, for the same thing."""
        return self if self.remaining() <= seconds else self.after(seconds, self.what)

    def check(self) -> None:
        """Raise `DeadlineExceeded` once the moment has passed."""
        if self.expired:
            raise DeadlineExceeded(self.what, self.seconds)
