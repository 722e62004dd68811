"""The trace: everything that happened in one boot, as typed events on one timeline.

`at` of every event is in seconds since the spawn, on the monotonic clock (`pytest_startup.clock`). A trace is
append-only while it is recorded and immutable afterwards; it is saved as JSON lines (a header, then one event a line)
and can be judged again without booting. The names follow Spring Boot's ApplicationStartup (steps) and the Kubernetes
probe vocabulary (liveness, readiness).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar, get_type_hints

from pytest_startup.errors import TraceError

Role = Literal["liveness", "readiness", "control", "discovered", "request"]
"""What a path is asked for; `control` is one that cannot exist, `discovered` one of the usual paths, `request` an
ordinary one while readiness says not ready."""

FORMAT = 1
"""Version of the saved form; a trace of another version is refused, never guessed at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, `at` seconds after the spawn."""

    at: float

    kinds: ClassVar[dict[str, type[Event]]] = {}


def _kind(cls: type[_E]) -> type[_E]:
    """Enter an event class into the table by which saved traces are read."""
    Event.kinds[cls.__name__] = cls
    return cls


_E = TypeVar("_E", bound=Event)


# -- the process ------------------------------------------------------------------------------------------------


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Spawned(Event):
    """The application's process exists (for an application which is already up: watching began, pid 0)."""

    pid: int
    command: tuple[str, ...]
    directory: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine(Event):
    """A line on stdout or stderr, secrets masked."""

    stream: Literal["stdout", "stderr"]
    text: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class OutputDropped(Event):
    """More output than is kept: it was drained, counted and dropped."""

    stream: Literal["stdout", "stderr"]
    bytes: int


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Ready(Event):
    """Started: lifespan complete, port open, readiness (where there is one) as declared."""


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class NeverReady(Event):
    """The boot timeout passed; `waiting_for` says what was missing, `stacks` what the process was doing."""

    limit: float
    waiting_for: str
    stacks: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class StopRequested(Event):
    """The stop signal was sent."""

    signal: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Killed(Event):
    """SIGKILL had to be sent to the whole process group."""

    reason: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Exited(Event):
    """The process ended; `code` is negative for a signal (as `subprocess`), `asked` whether we had asked it to."""

    code: int
    asked: bool


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LeftBehind(Event):
    """Something outlived the process: a child process, a listening port."""

    what: Literal["process", "port"]
    detail: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlanned(Event):
    """This boot is given a fault on purpose (`pytest_startup.variation`), which strikes a phase or a service."""

    fault: str
    subject: str
    seconds: float


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class FaultFelt(Event):
    """A planned fault struck for the first time; a boot in which it never does proves nothing about it."""

    fault: str
    subject: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShuffled(Event):
    """The tasks which are ready in one turn of the event loop run in an order of their own, which `seed` decides.

    `loop` is the class of the loop: it is not the one that the application would have had.
    """

    seed: int
    loop: str


@_kind
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


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanRepeated(Event):
    """The second of two lifespans which began at the same time (a fault) came up; `error` is empty when it did well."""

    error: str


@_kind
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


# -- seen from inside -------------------------------------------------------------------------------------------


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAttached(Event):
    """The agent runs in the application's interpreter."""

    pid: int
    python: str
    server: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Imported(Event):
    """The target was imported (and its factory called) in `seconds`."""

    target: str
    seconds: float


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFailed(Event):
    """The target could not be had: its server, module, attribute or factory failed."""

    target: str
    stage: Literal["server", "import", "attribute", "factory"]
    error: str
    traceback: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanBegan(Event):
    """The application received `lifespan.startup` (ASGI lifespan protocol 2.0)."""


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanComplete(Event):
    """The application sent `lifespan.startup.complete`."""


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LifespanFailed(Event):
    """Startup failed: by `lifespan.startup.failed` (`told`), or by an exception out of the lifespan scope."""

    error: str
    told: bool
    received: bool


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownBegan(Event):
    """The application received `lifespan.shutdown`."""


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownComplete(Event):
    """The application sent `lifespan.shutdown.complete`."""


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ShutdownFailed(Event):
    """Shutdown failed: by `lifespan.shutdown.failed`, or by an exception."""

    error: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PortBound(Event):
    """The server of our process listens there: said by the process itself."""

    host: str
    port: int


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEntered(Event):
    """A phase began."""

    phase: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLeft(Event):
    """A phase ended well, as far as its signal can tell."""

    phase: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFailed(Event):
    """A phase ended with an exception."""

    phase: str
    error: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseRepeated(Event):
    """The second of two calls of a phase at the same time (a fault) ended; `error` is empty when it ended well."""

    phase: str
    error: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryMeasured(Event):
    """The resident set of the process when a phase was `entered` or had been `left`, in bytes."""

    phase: str
    when: Literal["entered", "left"]
    bytes: int


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SignalMissing(Event):
    """The signal of a phase does not exist in this application: the contract names something that is not there."""

    phase: str
    reason: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentAttached(Event):
    """A component's place was filled for the first time; one that must not be empty: with something in it.

    Until `began` there was certainly nothing: the same moment where its coming was seen as such, else an earlier look.
    """

    component: str
    type: str
    began: float


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentResolved(Event):
    """What stood in a component's place once the application was ready; `size` where it has a length."""

    component: str
    present: bool
    type: str
    size: int | None
    reason: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResolved(Event):
    """Whether a link of the wiring holds, by identity, once the application was ready."""

    link: str
    holds: bool
    observed: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LoopBlocked(Event):
    """The event loop stood still for `seconds`; `stack` is what ran meanwhile."""

    seconds: float
    stack: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Reached(Event):
    """A connection to something that the contract does not declare."""

    address: str
    where: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LookedUp(Event):
    """A name look-up of a host that the contract does not declare."""

    host: str
    where: str


@_kind
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


# -- time that is moved -----------------------------------------------------------------------------------------


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeMoved(Event):
    """For the application, `seconds` passed at once."""

    seconds: float


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TimeUnmovable(Event):
    """The time of this application cannot be moved, and why."""

    reason: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class CallSkipped(Event):
    """A callable (`module:qualname`) does nothing in this boot, and was called; or, by `problem`, cannot be so."""

    callable: str
    problem: str


@_kind
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


# -- seen at the edge and from outside --------------------------------------------------------------------------


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOffered(Event):
    """Where the application finds a service in this boot: the address of its tap, or where nobody listens."""

    service: str
    address: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Touched(Event):
    """The application's first connection to a service."""

    service: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionAttempted(Event):
    """The application tried to connect to a service which has a fault that refuses connections."""

    service: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TapState(Event):
    """How many connections to a service the application held open when it had become ready."""

    service: str
    open: int


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSwitched(Event):
    """From now on the application meets a service so: `up`, or as a kind of fault (`pytest_startup.variation`)."""

    service: str
    to: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TapClosed(Event):
    """What crossed the tap of a service over the whole boot: connections, bytes to it and from it."""

    service: str
    connections: int
    sent: int
    received: int


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class CanaryAnswered(Event):
    """A capability was used through the application's own component; `crossed` counts bytes at the tap meanwhile."""

    service: str
    works: bool
    observed: str
    seconds: float
    crossed: int


@_kind
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


@_kind
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


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Event):
    """The pid that listens on the application's port, and whether it belongs to the process that we started."""

    pid: int
    ours: bool


# -- used -------------------------------------------------------------------------------------------------------


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseBegan(Event):
    """A part of using the application began: `first requests`, `journeys`, `deliveries` or `recipients`.

    All of them together have a limit of time: what it was too late for is not on record.
    """

    name: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseEnded(Event):
    """That part is over, with what it wrote to the log."""

    name: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Offered(Event):
    """A request or the upgrade of a socket that was offered before the application was ready.

    `answer` is the status of a request. Of a socket: `denied CODE` (a status, or a close code before it was accepted),
    `closed CODE` (accepted, then closed) or `kept`. Of both: `refused` (nobody listens), `reset`, `timeout`, or
    `error: ...`, which from inside is what the application raised. `began` and `vantage` are as in `Probed`.
    """

    vantage: Literal["inside", "outside"]
    what: Literal["request", "socket"]
    path: str
    answer: str
    began: float


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Requested(Event):
    """How often one of the first requests had this `answer` (as in `Offered`), the first time as number `first`."""

    path: str
    answer: str
    count: int
    first: int


FIRST_REQUESTS, JOURNEYS, DELIVERIES = "first requests", "journeys", "deliveries"
"""The names of exercises (`ExerciseBegan`) which are judged."""

DISTURBANCE, FIRST_WALKER = "the disturbance", "whoever makes the first requests"
"""The walkers (`JourneyStepped`) who are no users: what disturbs a journey, and who makes the first requests."""

PUT_SECONDS = 5.0
"""What a call that puts an event in may take."""


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyStepped(Event):
    """A step of a journey (from 1), or of what disturbs it; `problem` says what was wrong with its answer, if anything.

    `walker` tells those apart who make the same journey, `steps` is how many it has. A step that was cut short because
    there was no time left for all of them is not on record.
    """

    journey: str
    walker: str
    step: int
    steps: int
    request: str
    answer: str
    seconds: float
    problem: str


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTried(Event):
    """What became of an event that was put in for one of two users who are both connected.

    `user` is `the first` or `the second` to connect, `arrived` counts its frames at that user's socket (the first one
    after `seconds`), `strayed` those at the other's. `problem` is what kept it from being tried or from arriving, or
    was raised; `returned` is false when the call was still under way after `PUT_SECONDS`.
    """

    delivery: str
    user: str
    arrived: int
    strayed: int
    seconds: float
    problem: str
    returned: bool


@_kind
@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentAddressed(Event):
    """An event was put in for a recipient who is not there; `pattern` is empty for one who looks real.

    Whatever the log says of it stands between `began` and `at`; `raised` is what the call raised, if anything, and
    `returned` is as in `DeliveryTried`.
    """

    delivery: str
    pattern: str
    recipient: str
    raised: str
    began: float
    returned: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """The events of one boot in the order of time."""

    events: tuple[Event, ...]

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """Put `events` in order; those of the same moment keep theirs."""
        return cls(tuple(sorted(events, key=lambda event: event.at)))

    def all(self, kind: type[_E], **having: object) -> list[_E]:
        """Return all events of a kind whose fields equal `having`."""
        return list(self._select(kind, having))

    def first(self, kind: type[_E], **having: object) -> _E | None:
        """Return the first event of a kind whose fields equal `having`, or None."""
        return next(self._select(kind, having), None)

    def last(self, kind: type[_E], **having: object) -> _E | None:
        """Return the last event of a kind whose fields equal `having`, or None."""
        return next(iter(self.all(kind, **having)[-1:]), None)

    def _select(self, kind: type[_E], having: dict[str, object]) -> Iterator[_E]:
        for event in self.events:
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in having.items()):
                yield event

    def why_unready(self) -> str:
        """Return in a few words why the application did not become ready; empty when it did."""
        if self.first(Ready) is not None:
            return ""
        return next(filter(None, map(_failure, self.events)), "it was ended before")

    def save(self, path: Path) -> None:
        """Write JSON lines: a header, then one event a line."""
        lines = [json.dumps({"pytest-startup-trace": FORMAT})]
        lines += [json.dumps({"kind": type(event).__name__} | dataclasses.asdict(event)) for event in self.events]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote; raise `TraceError` with file and line for anything else."""
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise TraceError(str(path), 0, f"cannot be read ({error})") from error
        if not lines or _object(path, 1, lines[0]).get("pytest-startup-trace") != FORMAT:
            raise TraceError(str(path), 1, f"is not a trace of format {FORMAT}")
        return cls.of(parse(_object(path, n, line), f"{path}:{n}") for n, line in enumerate(lines[1:], 2))


def _failure(event: Event) -> str:
    """Return in words what an event says of a start that failed; empty when it says nothing of it."""
    match event:
        case PhaseFailed(phase=phase, error=error):
            return f"phase {phase} failed: {error}"
        case ImportFailed(target=target, error=error):
            return f"{target}: {error}"
        case LifespanFailed(error=error):
            return error
        case NeverReady(limit=limit, waiting_for=missing):
            return f"after {limit:g} s it still waited for {missing}"
        case Exited(code=code):
            return f"it ended with code {code}"
    return ""


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise TraceError(str(path), number, f"is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise TraceError(str(path), number, "is not an event")
    return value


def parse(fields: dict[str, Any], source: str = "event") -> Event:
    """Make an event from its saved form: `kind` and the fields of that kind, lists where the field is a tuple."""
    values = dict(fields)
    kind = Event.kinds.get(values.pop("kind", ""))
    if kind is None:
        raise TraceError(source, 0, f"{fields.get('kind')!r} is no kind of event")
    hints = get_type_hints(kind)
    if set(values) != {field.name for field in dataclasses.fields(kind)}:
        raise TraceError(source, 0, f"{kind.__name__} has other fields than {sorted(values)}")
    frozen: dict[str, Any] = {
        name: tuple(v) if isinstance(v, list) and "tuple" in str(hints[name]) else v for name, v in values.items()
    }
    return kind(**frozen)
