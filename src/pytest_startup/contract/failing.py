"""`[services.NAME.failure]`: what must come of it when a language model fails while the application is up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.places import Place
from pytest_startup.contract.slots import key

WAYS = ("throttles", "errs", "falls-silent", "breaks-off")
"""How a model fails: 429 with a Retry-After, 500, no answer at all, an answer that ends in its middle."""

RETRY_AFTER_SECONDS = 1
"""What a 429 says in Retry-After."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What a use of the model comes to when that fails, and what readiness says meanwhile."""

    use: Place | None = field(
        default=None,
        metadata=key(
            leaves.ANY_PLACE,
            "A place, evaluated in the application, which uses the model as its users do: it must raise, or be false "
            "or None, while the model fails. Without it, the canary.",
        ),
    )
    max_seconds: float = field(
        default=10.0, metadata=key(leaves.SECONDS, "Seconds within which a use must have ended in an error.")
    )
    max_requests: int = field(
        default=5, metadata=key(leaves.RATE, "How many requests one use may come to, retries included.")
    )
    retry_after: bool = field(
        default=False,
        metadata=key(leaves.FLAG, "Whether a retry waits as long as the `Retry-After` of a 429 says (RFC 9110)."),
    )
    readiness: Literal["not-ready", "tolerated"] | None = field(
        default=None,
        metadata=key(leaves.word("not-ready", "tolerated"), "What readiness says meanwhile; left out: not judged."),
    )
    profile: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("profile"),
            "The profile in which this is tried, where the time limits of the model are too long to be waited for.",
        ),
    )
    journey: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("journey"),
            "A journey whose last step asks the model; that step is made while it fails. Without it, a turn of the "
            "chat, where there is one.",
        ),
    )
    event: str | None = field(
        default=None,
        metadata=key(leaves.TEXT, "The type of the event by which a turn of the chat tells the failure."),
    )
    status: tuple[int, ...] = field(
        default=(500, 502, 503, 504),
        metadata=key(leaves.STATUSES, "The statuses by which that step may tell the failure, where it is a request."),
    )
