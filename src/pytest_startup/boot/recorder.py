"""The recorder: the one place where events of all vantage points come together, while a boot is under way."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cache
from itertools import takewhile
from typing import Any, Literal, TypeVar, cast
from urllib.parse import quote, quote_plus

from pytest_startup.clock import Deadline, now
from pytest_startup.contract.values import LogSignal, TouchSignal
from pytest_startup.events.base import Event
from pytest_startup.events.edge import Probed, Touched
from pytest_startup.events.guarded import SecretTold
from pytest_startup.events.inside import PhaseEntered, PhaseLeft
from pytest_startup.events.process import Exited, LogLine
from pytest_startup.trace import Trace, parse

_E = TypeVar("_E", bound=Event)
_CREDENTIALS = re.compile(r"(\w+://[^\s:/@]*):[^\s@/]+@")
SHORTEST_SECRET = 6
"""Values of fewer characters are not masked: they would black out half of the log."""

SHORTEST_PART = 12
"""Characters from which on the beginning of a secret is masked as well, where a text was cut off."""

_CUT = "..."

_SENSITIVE = re.compile(
    r"SECRET|TOKEN|PASSWORD|PASSWD|CREDENTIAL|PRIVATE|(?:API|ACCESS|AUTH)_?KEY|AUTHORIZATION|COOKIE|SESSION|JWT|CSRF",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"_(URL|URI|HOST|PORT|NAME|STORE|BACKEND|NETWORK|PATH|FILE|DIR|DOMAIN|TYPE|MODE|CLASS|ALG|ALGORITHMS?|ISSUER|AUDIENCE"
    r"|ENABLED|TTL|AGE|LIFETIME|EXPIR\w*|SECONDS|MINUTES|HOURS|DAYS)$",
    re.IGNORECASE,
)
"""What a secret is not, however it is called: where it lives, of which sort it is, how long it lasts."""


def is_sensitive(name: str) -> bool:
    """Whether the value of something so called is a secret; `-` and `_` part its words."""
    plain = name.replace("-", "_")
    return bool(_SENSITIVE.search(plain)) and not _ABOUT.search(plain)


class Mask:
    """Blots out secrets: known values, and passwords in anything that looks like a URL."""

    def __init__(self, secrets: Iterable[str]) -> None:
        """Take the secret values."""
        self._secrets = frozenset(s for s in secrets if len(s) >= SHORTEST_SECRET)
        self._known = sorted({form for secret in self._secrets for form in forms(secret)}, key=len, reverse=True)
        self._begun: dict[str, list[str]] = {}
        for form in self._known:
            if len(form) > SHORTEST_PART:
                self._begun.setdefault(form[:SHORTEST_PART], []).append(form)

    def and_of(self, secrets: Iterable[str]) -> Mask:
        """Return a mask which blots out these as well."""
        return self if self._secrets.issuperset(secrets) else Mask({*self._secrets, *secrets})

    def __call__(self, text: str) -> str:
        """Return `text` with every secret replaced by `***`, also one at which it was cut off."""
        for form in self._known:
            text = text.replace(form, "***")
        text = self._without_parts(text)
        return _CREDENTIALS.sub(r"\1:***@", text) if "://" in text else text

    def _without_parts(self, text: str) -> str:
        """Return `text` without beginnings of secrets at its end, or at the dots which stand for its rest."""
        for beginning, begun in self._begun.items():
            at = text.find(beginning)
            while at >= 0:
                end = max(_end_of_part(form, text, at) for form in begun)
                text = f"{text[:at]}***{text[end:]}" if end else text
                at = text.find(beginning, at + 1)
        return text


def _end_of_part(secret: str, text: str, at: int) -> int:
    """Return where the beginning of a secret that stands at `at` is cut off; 0 where the text goes on otherwise."""
    pairs = zip(secret, text[at : at + len(secret)], strict=False)
    end = at + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    dots = text.rfind(_CUT, at + SHORTEST_PART, end + len(_CUT))
    return dots if dots >= 0 else end if end == len(text) else 0


@cache
def forms(secret: str) -> Collection[str]:
    """Return a secret as it may stand in a log: as it is, in a URL, and within JSON."""
    return {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}


class Recorder:
    """Collects events, thread-safe; recognises the phases whose signal is a log line or a first touch.

    `boundary` is called at every phase boundary that was seen from here, `measure` with its phase and which it was,
    `on_event` with every event (progress).
    """

    def __init__(self, mask: Mask, on_event: Callable[[Event], None] | None = None) -> None:
        """Begin an empty trace whose clock starts now; `origin` is moved to the spawn by `begin`."""
        self.mask = mask
        self.origin = now()
        self.boundary: Callable[[], None] = lambda: None
        self.measure: Callable[[str, Literal["entered", "left"]], None] = lambda _, __: None
        self._on_event = on_event
        self._kept: set[str] = set()
        self._events: list[Event] = []
        self._first: dict[type[Event], Event] = {}
        self._replies: list[dict[str, Any]] = []
        self._changed = threading.Condition(threading.RLock())
        self._logs: list[tuple[str, LogSignal]] = []
        self._frames: dict[str, bool] = {}
        self._touches: dict[str, str] = {}

    def begin(self) -> None:
        """Let the clock of the trace start now."""
        self.origin = now()

    def expect(self, phase: str, signal: object) -> None:
        """Recognise `phase` by a log line or a first touch; other signals are the agent's."""
        if isinstance(signal, LogSignal):
            self._logs.append((phase, signal))
        elif isinstance(signal, TouchSignal):
            self._touches[signal.service] = phase

    def keep_secret(self, secrets: Iterable[str]) -> None:
        """Mask these texts from now on, and in the lines of the log so far: it may have been quicker than we."""
        with self._changed:
            found = set(secrets) - self._kept
            if not found:
                return
            self._kept |= found
            self.mask = self.mask.and_of(found)
            shown = {form for secret in found for form in forms(secret)}
            for at, event in enumerate(self._events):
                if isinstance(event, LogLine) and any(form in event.text for form in shown):
                    self._events[at] = replace(event, text=self.mask(event.text))

    def elapsed(self) -> float:
        """Return the seconds since the spawn."""
        return now() - self.origin

    def add(self, event: Event) -> None:
        """Append one event, and the phases that it tells of."""
        with self._changed:
            if isinstance(event, LogLine):  # under the lock: a secret that is being kept is known before or after
                event = replace(event, text=self.mask(event.text))
            if isinstance(event, Probed):
                event = self._discreet(event)
            self._events.append(event)
            self._first.setdefault(type(event), event)
            self._changed.notify_all()
        if self._on_event is not None:
            self._on_event(event)
        if isinstance(event, Touched) and event.service in self._touches:
            self.add(PhaseEntered(at=event.at, phase=self._touches[event.service]))
            self._passed(self._touches[event.service], event.at)

    def _discreet(self, event: Probed) -> Probed:
        """Return an answer of health without the secrets in it, and record each field which had one."""
        fields = {name: self.mask(value) if isinstance(value, str) else value for name, value in event.fields.items()}
        if fields == event.fields:
            return event
        for name in [each for each in fields if fields[each] != event.fields[each]]:
            self._events.append(SecretTold(at=event.at, role=event.role, field=name, text=str(fields[name])))
        return replace(event, fields=fields)

    def line(self, stream: Literal["stdout", "stderr"], text: str) -> None:
        """Append one line of output."""
        at = self.elapsed()
        self.add(LogLine(at=at, stream=stream, text=text))
        self.recognise(stream, text, at)

    def recognise(self, stream: str, text: str, at: float) -> None:
        """Look for the phases that a line of output tells of; the source line that a traceback quotes tells nothing."""
        quoted, self._frames[stream] = self._frames.get(stream), text.lstrip().startswith('File "')
        for phase, signal in self._logs if not quoted else ():
            if signal.enter is not None and re.search(signal.enter, text):
                self.add(PhaseEntered(at=at, phase=phase))
                self.measure(phase, "entered")
                self.boundary()
            if re.search(signal.pattern, text):
                if signal.enter is None:
                    self.add(PhaseEntered(at=at, phase=phase))
                self._passed(phase, at)

    def _passed(self, phase: str, at: float) -> None:
        self.add(PhaseLeft(at=at, phase=phase))
        self.measure(phase, "left")
        self.boundary()

    def take(self, message: dict[str, Any]) -> None:
        """Take one message of the agent: an event, or the reply to a command."""
        message["at"] -= self.origin
        if message["kind"] not in Event.kinds:
            with self._changed:
                self._replies.append(message)
                self._changed.notify_all()
            return
        if "began" in message:
            message["began"] -= self.origin
        for name in ("error", "traceback", "stack", "observed", "reason", "answer"):
            if isinstance(message.get(name), str):
                message[name] = self.mask(message[name])
        self.add(parse(message, "agent"))

    def reply(self, deadline: Deadline, **having: object) -> dict[str, Any] | None:
        """Wait for the agent's reply with these fields; None when it does not come in time."""
        return self.wait(lambda: self._find_reply(having) or ({} if self.seen(Exited) else None), deadline) or None

    def _find_reply(self, having: dict[str, object]) -> dict[str, Any] | None:
        for message in self._replies:
            if all(message.get(name) == value for name, value in having.items()):
                self._replies.remove(message)
                return message
        return None

    def seen(self, kind: type[_E]) -> _E | None:
        """Return the first event of a kind so far, or None."""
        with self._changed:
            return cast("_E | None", self._first.get(kind))

    def wait(self, found: Callable[[], _T | None], deadline: Deadline) -> _T | None:
        """Wait until `found` returns something; None when the deadline passes first."""
        with self._changed:
            while (value := found()) is None and not deadline.expired:
                self._changed.wait(min(deadline.remaining(), 0.1))
            return value

    def until(self, enough: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait until it is enough, the process has exited, or the time is over; `what` is waited for."""
        self.wait(lambda: True if enough() or self.seen(Exited) else None, Deadline.after(seconds, what))

    def pause(self, seconds: float, what: str) -> None:
        """Let this time pass for `what`, at most until the process has exited."""
        self.until(lambda: False, seconds, what)

    def trace(self) -> Trace:
        """Return what has been recorded so far."""
        with self._changed:
            return Trace.of(self._events)


_T = TypeVar("_T")
