"""What is seen at the edge of the application, its services and taps, and from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pytest_startup.events.base import Event, Role, kind


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOffered(Event):
    """Where the application finds a service in this boot: the address of its tap, or where nobody listens.

    `provider` and `version`: who gives the service, and what it is; empty where there is none, or it is a peer.
    """

    service: str
    address: str
    provider: str = ""
    version: str = ""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Touched(Event):
    """The application's first connection to a service."""

    service: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionAttempted(Event):
    """The application tried to connect to a service which has a fault that refuses connections."""

    service: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TapState(Event):
    """How many connections to a service the application held open when it had become ready."""

    service: str
    open: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSwitched(Event):
    """From now on the application meets a service so: `up`, or as a kind of fault (`pytest_startup.variation`)."""

    service: str
    to: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TapClosed(Event):
    """What crossed the tap of a service over the whole boot: connections, bytes to it and from it."""

    service: str
    connections: int
    sent: int
    received: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryAnswered(Event):
    """A capability was used through the application's own component; `crossed` counts bytes at the tap meanwhile."""

    service: str
    works: bool
    observed: str
    seconds: float
    crossed: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUsed(Event):
    """The canary of a service was used `asked` times at once: `worked` of them did, `open` connections at most.

    `observed` is what one said which did not work, else the first.
    """

    service: str
    asked: int
    worked: int
    open: int
    observed: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Probed(Event):
    """One answer of one health endpoint.

    `answer` is `refused`, `reset`, `timeout`, `error: ...` or the status as text; `began` is when the question was
    asked, `at` when the answer was there: what changed between the two is nobody's lie. `vantage` is `inside` for a
    question asked through ASGI (no port needed), `outside` for one over a socket. `fields` are the declared fields
    of a JSON body, by dotted path; a field that the body lacks is absent.
    """

    vantage: Literal["inside", "outside"]
    role: Role
    path: str
    answer: str
    began: float
    fields: dict[str, Any]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """The pid that listens on the application's port, and whether it belongs to the process that we started."""

    pid: int
    ours: bool
