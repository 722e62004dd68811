"""What a check says: findings, or why it could not judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One way in which a boot is not what its contract says.

    `at` is the moment on the timeline, in seconds since the spawn; None when it is about the boot as a whole.
    """

    subject: str
    expected: str
    observed: str
    at: float | None = None
    look_at: str = ""
    on_purpose: str = ""


@dataclass(frozen=True, slots=True)
class NotCovered:
    """The check could not judge this boot, and why; it is reported, never counted as passed."""

    reason: str


Verdict = Sequence[Finding] | NotCovered
"""No finding at all (the check passed), findings, or the reason why nothing was judged."""
