"""What happens to the process, and what is done to it on purpose."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pytest_startup.events.base import Event, kind


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Spawned(Event):
    """The application's process exists (for an application which is already up: watching began, pid 0)."""

    pid: int
    command: tuple[str, ...]
    directory: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine(Event):
    """A line on stdout or stderr, secrets masked."""

    stream: Literal["stdout", "stderr"]
    text: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDropped(Event):
    """More output than is kept: it was drained, counted and dropped."""

    stream: Literal["stdout", "stderr"]
    bytes: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Event):
    """Started: lifespan complete, port open, readiness (where there is one) as declared."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class NeverReady(Event):
    """The boot timeout passed; `waiting_for` says what was missing, `stacks` what the process was doing."""

    limit: float
    waiting_for: str
    stacks: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested(Event):
    """The stop signal was sent."""

    signal: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Killed(Event):
    """SIGKILL had to be sent to the whole process group."""

    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Exited(Event):
    """The process ended; `code` is negative for a signal (as `subprocess`), `asked` whether we had asked it to."""

    code: int
    asked: bool


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind(Event):
    """Something outlived the process: a child process, a listening port."""

    what: Literal["process", "port"]
    detail: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlanned(Event):
    """This boot is given a fault on purpose (`pytest_startup.variation`), which strikes a phase or a service."""

    fault: str
    subject: str
    seconds: float


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFelt(Event):
    """A planned fault struck for the first time; a boot in which it never does proves nothing about it."""

    fault: str
    subject: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShuffled(Event):
    """The tasks which are ready in one turn of the event loop run in an order of their own, which `seed` decides.

    `loop` is the class of the loop: it is not the one that the application would have had.
    """

    seed: int
    loop: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class BootedAgain(Event):
    """After this boot had ended, an ordinary one followed on the same services.

    It took `seconds` from its spawn to its end; where it did not become ready, `observed` says how it ended, and `log`
    has its last lines.
    """

    ready: bool
    seconds: float
    observed: str
    log: tuple[str, ...]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class BootPaced(Event):
    """One more startup, with nothing beside it: `seconds` from spawn to ready, `cpu` seconds of its processes.

    The seconds for which it was ready to run and had no core are left out, where the system tells them. `reference` are
    the CPU seconds of the same little program at that time, `phases` the seconds of each phase.
    """

    seconds: float
    cpu: float
    reference: float
    phases: dict[str, float] = field(hash=False)


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class RivalRan(Event):
    """A second instance had been started at the same moment for the same port (a fault).

    `code` is the one with which it ended by itself, None when it did not; `log` has its last lines.
    """

    ready: bool
    code: int | None
    log: tuple[str, ...]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanRepeated(Event):
    """The second of two lifespans which began at the same time (a fault) came up; `error` is empty when it did well."""

    error: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanEnded(Event):
    """One of several lifespans of a process, one after the other, has ended: what the process held then.

    `number` counts from 1, `memory` is the resident set in bytes, `error` is empty when it went well.
    """

    number: int
    memory: int
    descriptors: int
    threads: int
    tasks: int
    error: str
