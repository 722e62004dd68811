"""`[[grace]]`: how long the application waits for something before it says that it is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.places import Place
from pytest_startup.contract.slots import key
from pytest_startup.contract.values import CallableSignal

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grace:
    """A grace period: what the application says of itself before its end, and what afterwards."""

    name: str = field(metadata=key(leaves.GRACE_NAME, "The name of the grace period, unique."))
    seconds: float = field(metadata=key(leaves.SECONDS, "Seconds that it lasts."))
    since: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("phase"),
            "The phase in which, or with whose end, it begins; without it, anywhere between spawn and ready.",
        ),
    )
    without: CallableSignal | None = field(
        default=None,
        metadata=key(
            leaves.CALLABLE,
            "A function or method which does nothing in this boot, so that what the application waits for is missing.",
        ),
    )
    look: Place | None = field(
        default=None,
        metadata=key(
            leaves.ANY_PLACE,
            "A place, evaluated each time before `status`: what the application would do by itself at its next tick.",
        ),
    )
    status: Place = field(metadata=key(leaves.ANY_PLACE, "A place: what the application says of itself."))
    during: Scalar = field(metadata=key(leaves.SCALAR, "The value of `status` until the period is over."))
    after: Scalar = field(metadata=key(leaves.SCALAR, "The value of `status` from then on."))
    log: str | None = field(
        default=None,
        metadata=key(
            leaves.PATTERN,
            "A regular expression which is found in no line until the period is over, and in one from then on.",
        ),
    )
