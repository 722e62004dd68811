"""`[traffic]`: what users ask for, and how they are told to come back before the application is ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.slots import key

_PATHS = Several(leaves.HEALTH_PATH, "an array of paths which begin with a slash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What users use. Without any path nothing is offered before the application is ready."""

    requests: tuple[str, ...] = field(default=(), metadata=key(_PATHS, "Paths which users ask for (GET)."))
    sockets: tuple[str, ...] = field(default=(), metadata=key(_PATHS, "Paths of WebSockets which users connect to."))
    gate: Literal["application", "port"] = field(
        default="port",
        metadata=key(
            leaves.word("application", "port"),
            "Who keeps users out until it is ready. `port`: nobody listens before the lifespan's startup is complete, "
            "and what the application itself would answer by then is not judged. `application`: it refuses by itself, "
            "from the first moment on.",
        ),
    )
    refused_status: tuple[int, ...] = field(
        default=(503,),
        metadata=key(
            Several(leaves.STATUS, "an array of HTTP statuses"), "The statuses which tell a client to come back."
        ),
    )
    refused_close: tuple[int, ...] = field(
        default=(1013,),
        metadata=key(
            Several(leaves.CLOSE_CODE, "an array of WebSocket close codes, from 1000 to 4999"),
            "The codes by which an accepted WebSocket may be told to come back. One which is refused before it is "
            "accepted is refused, by whichever code or status.",
        ),
    )
    first_requests: int = field(
        default=100,
        metadata=key(
            leaves.COUNT,
            "How many requests are made once it is ready, over all these paths in turn: none may fail, and the log "
            "stays as `startup.forbidden_log` wants it.",
        ),
    )
    max_seconds: float = field(
        default=10.0,
        metadata=key(
            leaves.SECONDS,
            "Seconds in which every request must end, with whatever answer, also while a service is away or hangs.",
        ),
    )
    journey: str | None = field(
        default=None,
        metadata=key(leaves.reference("journey"), "The journey of whoever makes these requests, walked before them."),
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_TEXTS, "Headers of these requests; templates allowed, as in that journey."),
    )

    @property
    def declared(self) -> bool:
        """Whether there is anything to offer."""
        return bool(self.requests or self.sockets)
