"""Each event in words: a short label and a text, secrets masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from pytest_startup.events.base import Event
from pytest_startup.events.edge import CanaryAnswered, Probed, TapClosed
from pytest_startup.events.guarded import LimitReached, OriginTried
from pytest_startup.events.inside import ComponentResolved, LifespanFailed, LinkResolved
from pytest_startup.events.instances import BootedOnNewer, SecondRecorded
from pytest_startup.events.process import BootedAgain, Exited, LifespanEnded, LogLine
from pytest_startup.events.used import AbsentAddressed, DeliveryTried, JourneyStepped, Requested, TurnTaken
from pytest_startup.report import company, returns, visits
from pytest_startup.trace import parse

_CREDENTIALS = re.compile(r"(://[^\s:/@\"']*):[^\s\"']*@")
_LONGEST = 240


def masked(text: str) -> str:
    """Return `text` without whatever looks like the password of a URL."""
    return _CREDENTIALS.sub(r"\1:***@", text)


def shortened(text: str, longest: int = _LONGEST) -> str:
    """Return `text` on one line, cut at `longest` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 3] + "..."


class Words(NamedTuple):
    """An event as it is printed."""

    label: str
    text: str


def words(event: Event) -> Words:
    """Return an event in words; a kind without words of its own shows its fields."""
    say = _SAY.get(type(event).__name__, _fields)
    label, text = say(event)
    return Words(label, shortened(masked(text)))


def _fields(event: Event) -> tuple[str, str]:
    names = (field.name for field in fields(event) if field.name != "at")
    pairs = (f"{name}={getattr(event, name)!r}" for name in names)
    return type(event).__name__, " ".join(pairs)


def _probed(event: Probed) -> tuple[str, str]:
    told = "".join(f" {name}={value!r}" for name, value in event.fields.items())
    return str(event.role), f"{event.answer}{told} ({event.vantage})"


def _resolved(event: ComponentResolved) -> tuple[str, str]:
    size = "" if event.size is None else f", {event.size} in it"
    why = f": {event.reason}" if event.reason else ""
    found = f"is {event.type}{size}" if event.present else f"missing{why}"
    return "component", f"{event.component} {found}"


def _link(event: LinkResolved) -> tuple[str, str]:
    return "link", f"{event.link} holds" if event.holds else f"{event.link} does not hold: {event.observed}"


def _canary(event: CanaryAnswered) -> tuple[str, str]:
    works = "works" if event.works else "does not work"
    return "canary", f"{event.service} {works}: {event.observed} ({event.crossed} bytes crossed)"


def _exited(event: Exited) -> tuple[str, str]:
    code = f"by signal {-event.code}" if event.code < 0 else f"with code {event.code}"
    return "exited", f"{code}, {'as asked' if event.asked else 'of itself'}"


def _lifespan_failed(event: LifespanFailed) -> tuple[str, str]:
    how = "by lifespan.startup.failed" if event.told else "by an exception"
    return "lifespan failed", f"{how}: {event.error}"


def _requested(event: Requested) -> tuple[str, str]:
    return "requests", f"{event.path} {event.answer} {event.count} times, first as number {event.first}"


def _stepped(event: JourneyStepped) -> tuple[str, str]:
    problem = f": {event.problem}" if event.problem else ""
    return "journey", f"{event.journey} {event.step}/{event.steps} {event.request} {event.answer}{problem}"


def _delivery(event: DeliveryTried) -> tuple[str, str]:
    said = event.problem or ("" if event.returned else "the call did not return")
    problem = f": {said}" if said else ""
    strayed = f", {event.strayed} at the other" if event.strayed else ""
    return "delivery", f"{event.delivery}: {event.arrived} at {event.user or 'nobody'}{strayed}{problem}"


def _absent(event: AbsentAddressed) -> tuple[str, str]:
    raised = f" raised {event.raised}" if event.raised else "" if event.returned else ": the call did not return"
    return "delivery", f"{event.delivery}: to {event.recipient}, who is not there{raised}"


def _turn(event: TurnTaken) -> tuple[str, str]:
    came = f"{len(event.types)} events in {event.times[-1]:.3f} s" if event.times else "no event"
    wrong = f"; {event.expected} was expected: {event.observed}" if event.about else ""
    return "turn", f"{event.exercise} {event.user}: {came}{wrong}"


def _booted_again(event: BootedAgain) -> tuple[str, str]:
    return "booted again", f"in {event.seconds:.1f} s, {'ready' if event.ready else event.observed or 'not ready'}"


def _lifespan_ended(event: LifespanEnded) -> tuple[str, str]:
    held = f"{event.memory / 1e6:.0f} MB, {event.descriptors} descriptors, {event.threads} threads, {event.tasks} tasks"
    return "lifespan", f"{event.number} ended{f': {event.error}' if event.error else ''}: {held}"


def _second(event: SecondRecorded) -> tuple[str, str]:
    label, text = words(parse(event.event))
    return "second", f"{label} {text}".rstrip()


def _booted_on_newer(event: BootedOnNewer) -> tuple[str, str]:
    return "newer schema", f"{event.service}: {event.problem or ('ready' if event.ready else event.observed)}"


def _limit(event: LimitReached) -> tuple[str, str]:
    answers = ", ".join(f"{count} x {answer}" for answer, count in sorted(event.answers.items()))
    return "limit", f"{event.limit}: {answers}{f'; of another user {event.other}' if event.other else ''}"


def _allowed(event: OriginTried) -> str:
    return f"allows {event.headers.get('access-control-allow-origin', 'none')}"


_SAY: Mapping[str, Callable[[Any], tuple[str, str]]] = {
    "Spawned": lambda e: ("spawned", f"pid {e.pid}"),
    "LogLine": lambda e: (e.stream, e.text),
    "OutputDropped": lambda e: (e.stream, f"{e.bytes} bytes dropped"),
    "Ready": lambda _: ("ready", ""),
    "NeverReady": lambda e: ("never ready", f"{e.limit:g} s passed waiting for {e.waiting_for}"),
    "StopRequested": lambda e: ("stop", e.signal),
    "Killed": lambda e: ("killed", e.reason),
    "Exited": _exited,
    "LeftBehind": lambda e: ("left behind", f"{e.what}: {e.detail}"),
    "FaultPlanned": lambda e: (
        "fault",
        f"{e.fault} {e.subject}{f' for {e.seconds:g} s' if e.seconds else ''}, on purpose",
    ),
    "FaultFelt": lambda e: ("fault", f"{e.fault} {e.subject}: felt"),
    "OrderShuffled": lambda e: ("order", f"shuffled by seed {e.seed} in a {e.loop}"),
    "PhaseRepeated": lambda e: ("repeated", f"{e.phase}{f': {e.error}' if e.error else ' as well'}"),
    "MemoryMeasured": lambda e: ("memory", f"{e.bytes / 1e6:.0f} MB when {e.phase} was {e.when}"),
    "ServiceSwitched": lambda e: ("fault", f"{e.service} is {e.to} from now on"),
    "ConnectionAttempted": lambda e: ("attempt", f"to connect to {e.service}"),
    "TapState": lambda e: ("tap", f"{e.service}: {e.open} connections open"),
    "BootedAgain": _booted_again,
    "BootPaced": lambda e: ("paced", f"ready in {e.seconds:.2f} s, {e.cpu:.2f} s of them CPU"),
    "RivalRan": lambda e: (
        "rival",
        "ready" if e.ready else f"ended with code {e.code}" if e.code is not None else "up",
    ),
    "LifespanRepeated": lambda e: ("lifespan", f"began twice{f', and failed: {e.error}' if e.error else ', as well'}"),
    "LifespanEnded": _lifespan_ended,
    "PoolUsed": lambda e: ("pool", f"{e.service}: {e.worked} of {e.asked} uses at once, {e.open} connections"),
    "AgentAttached": lambda e: ("attached", f"Python {e.python}, {e.server}"),
    "Imported": lambda e: ("imported", f"{e.target} in {e.seconds:.3f} s"),
    "ImportFailed": lambda e: ("import failed", f"{e.target} ({e.stage}): {e.error}"),
    "LifespanBegan": lambda _: ("lifespan", "began"),
    "LifespanComplete": lambda _: ("lifespan", "complete"),
    "LifespanFailed": _lifespan_failed,
    "ShutdownBegan": lambda _: ("shutdown", "began"),
    "ShutdownComplete": lambda _: ("shutdown", "complete"),
    "ShutdownFailed": lambda e: ("shutdown failed", e.error),
    "PortBound": lambda e: ("port", f"{e.host}:{e.port} open"),
    "PhaseEntered": lambda e: ("entered", e.phase),
    "PhaseLeft": lambda e: ("left", e.phase),
    "PhaseFailed": lambda e: ("failed", f"{e.phase}: {e.error}"),
    "SignalMissing": lambda e: ("no signal", f"{e.phase}: {e.reason}"),
    "ComponentAttached": lambda e: ("attached", f"{e.component} is {e.type}"),
    "ComponentResolved": _resolved,
    "LinkResolved": _link,
    "LoopBlocked": lambda e: ("loop blocked", f"for {e.seconds:.3f} s in {e.stack}"),
    "Reached": lambda e: ("undeclared", f"connection to {e.address} from {e.where}"),
    "LookedUp": lambda e: ("undeclared", f"look-up of {e.host} from {e.where}"),
    "Snapshot": lambda e: ("snapshot", f"{e.when}: {len(e.tasks)} tasks, {len(e.threads)} threads"),
    "TimeMoved": lambda e: ("time", f"moved by {e.seconds:.1f} s"),
    "TimeUnmovable": lambda e: ("time", e.reason),
    "CallSkipped": lambda e: ("skipped", f"{e.callable}{f': {e.problem}' if e.problem else ''}"),
    "GraceLookedAt": lambda e: ("grace", f"{e.grace}: {e.problem or repr(e.status)} after {e.elapsed_least:.1f} s"),
    "ServiceOffered": lambda e: ("service", f"{e.service} at {e.address}{e.version and f' ({e.version})'}"),
    "Touched": lambda e: ("touched", e.service),
    "TapClosed": lambda e: ("tap", f"{e.service}: {e.connections} connections, {e.sent} B out, {e.received} B in"),
    "CanaryAnswered": _canary,
    "Probed": _probed,
    "ExerciseBegan": lambda e: ("used", f"{e.name} began"),
    "ExerciseEnded": lambda e: ("used", f"{e.name} over"),
    "Offered": lambda e: (e.what, f"{e.path} {e.answer} ({e.vantage})"),
    "Requested": _requested,
    "AskedThroughout": lambda e: (
        "requests",
        f"{e.path} {e.answer} {e.count} times while {e.service} was in trouble, {e.longest:.2f} s the longest",
    ),
    "JourneyStepped": _stepped,
    "DeliveryTried": _delivery,
    "AbsentAddressed": _absent,
    "SecondRecorded": _second,
    "TapPeaked": lambda e: ("tap", f"{e.service}: {e.most} connections at most so far"),
    "LocksLeft": lambda e: (
        "locks",
        f"{e.service}: {e.problem or f'{len(e.advisory)} advisory, {len(e.idle)} idle in transaction'}",
    ),
    "SchemaRead": lambda e: ("tables", f"{e.service}: {e.problem or f'{len(e.tables)}, version {e.version or None}'}"),
    "SchemaChecked": lambda e: ("schema", f"{e.service}: the check ended with {e.code}"),
    "BootedOnNewer": _booted_on_newer,
    "ChaosPlanned": lambda e: ("chaos", f"{e.seed}: {e.service}: {'; '.join(e.episodes)}"),
    "EpisodeStruck": lambda e: ("chaos", f"{e.service}: {e.episode}"),
    "TurnTaken": _turn,
    "SchemaViolated": lambda event: ("frame", f"{event.type}: {event.path}: {event.expected}: {event.observed}"),
    "UsersAsked": lambda e: (e.exercise, f"{e.asked} of {e.wanted} asked, {e.prepared} had made the journey"),
    "NameRaced": lambda e: (
        "one name",
        f"{e.request}: {e.accepted} of {len(e.answers)} accepted, the next one {e.late or 'did not come as far'}",
    ),
    "TokenShown": lambda e: ("token", f"{e.token}, {e.variant}, with {e.what}: {e.answer}"),
    "TokenNotMade": lambda e: ("token", f"{e.token}, {e.variant}: {e.reason}"),
    "LimitReached": _limit,
    "OriginTried": lambda e: ("origin", f"{e.origin}, {e.what} {e.path}: {e.answer}, {_allowed(e)}"),
    "ModelUsed": lambda e: (
        "model",
        f"{e.service}, {e.way}, {e.when}: {e.what} {e.observed} ({e.requests} requests)",
    ),
    "NotTried": lambda e: (e.sort, f"{e.name}: {e.reason}"),
    "SecretTold": lambda e: ("secret", f"{e.role} tells it in {e.field}: {e.text}"),
    **returns.SAY,
    **visits.SAY,
    **company.SAY,
    "Answered": lambda e: ("answered", f"pid {e.pid}, {'ours' if e.ours else 'not ours'}"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of an excerpt: `times` events in a row which say the same, the first of them `at`, the last `until`."""

    at: float
    until: float
    words: Words
    times: int


def _is_quiet(event: SecondRecorded) -> bool:
    return event.event["kind"] in {"LogLine", "TapClosed"}


def entries(events: Iterable[Event]) -> Iterator[Entry]:
    """Return the events as lines, without log lines; the same said again in a row becomes one line."""
    last: Entry | None = None
    for event in events:
        if isinstance(event, LogLine | TapClosed) or (isinstance(event, SecondRecorded) and _is_quiet(event)):
            continue
        said = words(event)
        if last is not None and last.words == said:
            last = Entry(last.at, event.at, said, last.times + 1)
            continue
        if last is not None:
            yield last
        last = Entry(event.at, event.at, said, 1)
    if last is not None:
        yield last
