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
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar, get_type_hints

from pytest_startup.errors import TraceError
from pytest_startup.events import connected, edge, guarded, inside, instances, process, returning, sockets, used
from pytest_startup.events.base import Event
from pytest_startup.events.guarded import NotTried
from pytest_startup.events.inside import ImportFailed, LifespanFailed, PhaseFailed
from pytest_startup.events.instances import SecondRecorded
from pytest_startup.events.process import Exited, NeverReady, Ready
from pytest_startup.events.used import ExerciseBegan

FORMAT = 1
"""Version of the saved form; a trace of another version is refused, never guessed at."""

TABLE = (process, inside, edge, used, instances, guarded, returning, sockets, connected)
"""The modules whose kinds of events a saved trace may hold."""

_E = TypeVar("_E", bound=Event)


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

    @property
    def second(self) -> Trace:
        """The trace of the second of two instances, on the timeline of the first; empty when there was none."""
        return Trace.of(parse(each.event, "the second instance") for each in self.all(SecondRecorded))

    def why_unready(self) -> str:
        """Return in a few words why the application did not become ready; empty when it did."""
        if self.first(Ready) is not None:
            return ""
        return next(filter(None, map(_failure, self.events)), "it was ended before")

    def why_untried(self, exercise: str, otherwise: str, **noted: object) -> str:
        """Return why a part of an `exercise` has left nothing to judge: `otherwise`, where that was not done at all.

        `noted` tells the `NotTried` of that part.
        """
        untried = self.first(NotTried, **noted) if noted else None
        if self.first(Ready) is None:
            return "the boot never became ready"
        if untried is not None:
            return untried.reason
        return "there was no time left for it" if self.first(ExerciseBegan, name=exercise) is not None else otherwise

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
    name = values.pop("kind", "")
    kind = Event.kinds.get(name)
    if kind is None:
        raise TraceError(source, 0, f"{fields.get('kind')!r} is no kind of event")
    types = _types(name)
    if values.keys() != types.keys():
        raise TraceError(source, 0, f"{kind.__name__} has other fields than {sorted(values)}")
    frozen: dict[str, Any] = {
        key: tuple(v) if isinstance(v, list) and "tuple" in types[key] else v for key, v in values.items()
    }
    return kind(**frozen)


@cache  # to find it out takes longer than to read an event
def _types(name: str) -> dict[str, str]:
    """Return the fields of a kind of event, and in words what they hold."""
    kind = Event.kinds[name]
    hints = get_type_hints(kind)
    return {field.name: str(hints[field.name]) for field in dataclasses.fields(kind)}
