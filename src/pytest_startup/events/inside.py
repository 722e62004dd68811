"""What is seen from inside the application's process, by the agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_startup.events.base import Event, kind


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAttached(Event):
    """The agent runs in the application's interpreter."""

    pid: int
    python: str
    server: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Event):
    """The target was imported (and its factory called) in `seconds`."""

    target: str
    seconds: float


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFailed(Event):
    """The target could not be had: its server, module, attribute or factory failed."""

    target: str
    stage: Literal["server", "import", "attribute", "factory"]
    error: str
    traceback: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanBegan(Event):
    """The application received `lifespan.startup` (ASGI lifespan protocol 2.0)."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanComplete(Event):
    """The application sent `lifespan.startup.complete`."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanFailed(Event):
    """Startup failed: by `lifespan.startup.failed` (`told`), or by an exception out of the lifespan scope."""

    error: str
    told: bool
    received: bool


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownBegan(Event):
    """The application received `lifespan.shutdown`."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownComplete(Event):
    """The application sent `lifespan.shutdown.complete`."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownFailed(Event):
    """Shutdown failed: by `lifespan.shutdown.failed`, or by an exception."""

    error: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PortBound(Event):
    """The server of our process listens there: said by the process itself."""

    host: str
    port: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEntered(Event):
    """A phase began."""

    phase: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLeft(Event):
    """A phase ended well, as far as its signal can tell."""

    phase: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFailed(Event):
    """A phase ended with an exception."""

    phase: str
    error: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRepeated(Event):
    """The second of two calls of a phase at the same time (a fault) ended; `error` is empty when it ended well."""

    phase: str
    error: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryMeasured(Event):
    """The resident set of the process when a phase was `entered` or had been `left`, in bytes."""

    phase: str
    when: Literal["entered", "left"]
    bytes: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SignalMissing(Event):
    """The signal of a phase does not exist in this application: the contract names something that is not there."""

    phase: str
    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentAttached(Event):
    """A component's place was filled for the first time; one that must not be empty: with something in it.

    Until `began` there was certainly nothing: the same moment where its coming was seen as such, else an earlier look.
    """

    component: str
    type: str
    began: float


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentResolved(Event):
    """What stood in a component's place once the application was ready; `size` where it has a length."""

    component: str
    present: bool
    type: str
    size: int | None
    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResolved(Event):
    """Whether a link of the wiring holds, by identity, once the application was ready."""

    link: str
    holds: bool
    observed: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBlocked(Event):
    """The event loop stood still for `seconds`; `stack` is what ran meanwhile."""

    seconds: float
    stack: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Reached(Event):
    """A connection to something that the contract does not declare."""

    address: str
    where: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp(Event):
    """A name look-up of a host that the contract does not declare."""

    host: str
    where: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Event):
    """What the process held at one moment: `ready`, or `stopped` (after lifespan.shutdown.complete).

    `tasks` are the application's unfinished asyncio tasks, `peers` the far ends of its connected sockets, `memory` the
    resident set in bytes (0 where the platform does not tell), `test_tools` loaded modules of test frameworks.
    """

    when: Literal["ready", "stopped"]
    tasks: tuple[str, ...]
    threads: tuple[str, ...]
    peers: tuple[str, ...]
    descriptors: int
    memory: int
    test_tools: tuple[str, ...]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMoved(Event):
    """For the application, `seconds` passed at once."""

    seconds: float


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUnmovable(Event):
    """The time of this application cannot be moved, and why."""

    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class CallSkipped(Event):
    """A callable (`module:qualname`) does nothing in this boot, and was called; or, by `problem`, cannot be so."""

    callable: str
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class GraceLookedAt(Event):
    """What stood at the status of a grace period when it had lasted `elapsed_least` to `elapsed_most` seconds.

    They are seconds of the application, whose time is moved. `problem` says why nothing could be seen.
    """

    grace: str
    elapsed_least: float
    elapsed_most: float
    status: str | int | float | bool | None
    problem: str
