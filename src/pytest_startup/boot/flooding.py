"""Saying more than a limit allows over a socket: all in one moment, on a second socket, and as somebody else.

As with requests, what all ways of counting agree on is judged; where a window may have ended meanwhile, another user
tries again.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from pytest_startup.boot import asking, expected
from pytest_startup.boot.outgoing import Upgrade
from pytest_startup.boot.recorder import Recorder
from pytest_startup.boot.requests import silence
from pytest_startup.boot.showing import OPEN_SECONDS
from pytest_startup.boot.sockets import Socket, connect
from pytest_startup.boot.walk import Values, Walk
from pytest_startup.chat import nonces
from pytest_startup.clock import Deadline, now
from pytest_startup.contract.conversions import NONCE
from pytest_startup.contract.limiting import Spoken
from pytest_startup.contract.model import Limit
from pytest_startup.contract.places import JsonValue
from pytest_startup.events.guarded import Flooded

BEYOND = 5
"""Frames beyond the limit, all of which must be refused."""

ATTEMPTS = 3

SHORT_SECONDS = 3.0
"""A window that ends so soon is waited for."""

MARGIN_SECONDS = 0.3
"""How much longer: clocks differ."""

WATCH_SECONDS = 0.2
"""How long a socket is watched for being closed after all."""

SERVED, REFUSED = "served", "refused"


class Answers:
    """What comes back to frames, without input and output.

    `served` are the places of the frames that were served, in the order of their answers: where those do not say which
    frame they are to, it is the next one.
    """

    def __init__(self, limit: Limit, way: Spoken, values: Values) -> None:
        """Take the frame as this user says it."""
        self.served: list[int] = []
        self.refused = 0
        self._values, self._say = values, way.say
        kinds = [(SERVED, way.served), *([(REFUSED, limit.refused)] if limit.refused else [])]
        # Of two which a frame may be, it is the one of which more is said.
        self._kinds = sorted(kinds, key=lambda each: -_size(each[1]))
        self._places: dict[str, int] = {}
        self._told: set[int] = set()

    @property
    def sent(self) -> int:
        """How many frames there are."""
        return len(self._places)

    @property
    def missing(self) -> int:
        """How many frames nothing has come back to."""
        return len(self._places) - len(self.served) - self.refused

    @property
    def disordered(self) -> int:
        """How many answers came before that to an earlier frame."""
        return sum(earlier > later for earlier, later in pairwise(self.served))

    def next(self) -> str:
        """Return the next frame to be sent."""
        word = nonces.new()
        self._places[word] = len(self._places)
        return json.dumps(self._values.within(**{NONCE: word}).filled(self._say))

    def take(self, text: str | bytes) -> bool:
        """Take a frame that has come; whether it answers one of ours that nothing has answered yet."""
        try:
            frame = json.loads(text)
        except ValueError:
            return False
        return any(self._is(kind, wanted, frame) for kind, wanted in self._kinds)

    def _is(self, kind: str, wanted: Mapping[str, JsonValue], frame: Any) -> bool:  # noqa: ANN401 (JSON)
        if f"{{{NONCE}}}" not in json.dumps(wanted, default=dict):
            if not self.missing or not expected.same(self._values.filled(wanted), frame):
                return False
            self._count(kind, len(self.served))
            return True
        for word in nonces.within(json.dumps(frame)):
            place = self._places.get(word)
            filled = self._values.within(**{NONCE: word}).filled(wanted)
            if place is not None and place not in self._told and expected.same(filled, frame):
                self._told.add(place)
                self._count(kind, place)
                return True
        return False

    def _count(self, kind: str, place: int) -> None:
        if kind == SERVED:
            self.served.append(place)
        else:
            self.refused += 1


def _size(value: object) -> int:
    """Return how much a template says: its leaves."""
    if isinstance(value, Mapping):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list | tuple) else 1


@dataclass(slots=True)
class Flood:
    """One socket, over which is said too much; `ended` is how it was closed, `last` when the last answer came."""

    limit: Limit
    answers: Answers
    opening: Upgrade
    ended: str = ""
    last: float = field(default_factory=now)
    _socket: Socket | None = None

    def open(self, deadline: Deadline) -> None:
        """Connect."""
        try:
            self._socket = connect(self.opening, deadline.within(OPEN_SECONDS))
        except (OSError, EOFError, ValueError) as error:
            self.ended = silence(error)

    def say(self, times: int, deadline: Deadline) -> None:
        """Say some frames in one moment, and take what comes until each is answered, or nothing comes any more."""
        if self._socket is None:
            return
        limit = deadline.within(self.limit.max_seconds)
        try:
            for each in [self.answers.next() for _ in range(times)]:
                self._socket.send(each, limit)
        except OSError as error:  # what was answered before has come all the same
            self.ended = silence(error)
        self._hear(self._socket, deadline)

    def watch(self, deadline: Deadline) -> None:
        """Look whether it is closed after all."""
        limit = deadline.within(WATCH_SECONDS)
        while self._socket is not None and self._receive(self._socket, limit) is not None:
            pass

    def close(self) -> None:
        """Close it."""
        if self._socket is not None:
            self._socket.close()

    def _hear(self, opened: Socket, deadline: Deadline) -> None:
        silent = deadline.within(self.limit.max_seconds)
        while self.answers.missing and (answered := self._receive(opened, silent)) is not None:
            silent = deadline.within(self.limit.max_seconds) if answered else silent

    def _receive(self, opened: Socket, limit: Deadline) -> bool | None:
        """Take the next frame: whether it is an answer; None when there is none."""
        try:
            answered = self.answers.take(opened.receive(limit))
        except TimeoutError:
            return None
        except OSError as error:
            self.ended = silence(error)
            return None
        self.last = now() if answered else self.last
        return answered


@dataclass(frozen=True, slots=True)
class Flooding:
    """Reaches one limit of what is said over a socket; `users()` returns somebody new, None when that failed."""

    recorder: Recorder
    limit: Limit
    way: Spoken
    users: Callable[[], Walk | None]

    def reach(self, user: Walk, bystander: Walk, deadline: Deadline) -> None:
        """Let one user after the other reach it, until one is kept within it."""
        for attempt in range(1, ATTEMPTS + 1):
            event = self._attempt(user, bystander, attempt, deadline)
            if deadline.expired:  # what is wrong by then is our own doing
                return
            self.recorder.add(event)
            if clear(event, self.limit):
                return
            others = (self.users(), self.users()) if attempt < ATTEMPTS else (None, None)
            if others[0] is None or others[1] is None:
                return
            user, bystander = others[0], others[1]

    def _attempt(self, user: Walk, bystander: Walk, attempt: int, deadline: Deadline) -> Flooded:
        flood, began = self._flood(user), now()
        flood.open(deadline)
        second = self._flood(user)
        try:
            flood.say(self.limit.allowed + BEYOND, deadline)
            self._catch_up(flood, began, deadline)
            seconds = flood.last - began
            if flood.answers.refused or flood.ended:
                second.open(deadline)
                refilled = math.ceil(self.limit.allowed * 2 * (now() - began) / self.limit.seconds)
                second.say(min(self.limit.allowed, refilled + BEYOND), deadline)
            other = self._alone(bystander, deadline) if self.limit.per == "user" else ""
            flood.watch(deadline)
        finally:
            flood.close()
            second.close()
        return Flooded(
            at=self.recorder.elapsed(),
            limit=self.limit.name,
            attempt=attempt,
            seconds=seconds,
            within=max(0, self.limit.allowed - len(self.way.socket.first)) if self.limit.per == "user" else 0,
            sent=flood.answers.sent,
            served=len(flood.answers.served),
            refused=flood.answers.refused,
            disordered=flood.answers.disordered,
            ended=self.recorder.mask(flood.ended),
            second_seconds=max(0.0, second.last - began),
            second_sent=second.answers.sent,
            second_served=len(second.answers.served),
            second_ended=self.recorder.mask(second.ended),
            other=self.recorder.mask(other),
            later=self.recorder.mask(self._later(user, deadline)),
        )

    def _catch_up(self, flood: Flood, began: float, deadline: Deadline) -> None:
        """Go on while nothing is refused: what a bucket has been refilled with meanwhile is allowed as well."""
        while not (flood.answers.refused or flood.answers.missing or flood.ended or deadline.expired):
            elapsed = now() - began
            due = math.ceil(self.limit.allowed * (1 + elapsed / self.limit.seconds)) + BEYOND - flood.answers.sent
            if due <= 0 or elapsed >= self.limit.seconds:
                return
            flood.say(due, deadline)

    def _later(self, user: Walk, deadline: Deadline) -> str:
        """Return what the user is answered after the window, where that is short."""
        if self.limit.seconds > SHORT_SECONDS:
            return ""
        self.recorder.wait(lambda: None, Deadline.after(self.limit.seconds + MARGIN_SECONDS, "the window"))
        return self._alone(user, deadline)

    def _alone(self, user: Walk, deadline: Deadline) -> str:
        """Return what somebody is answered to a single frame."""
        flood = self._flood(user)
        flood.open(deadline)
        try:
            flood.say(1, deadline)
        finally:
            flood.close()
        if flood.answers.served:
            return SERVED
        return REFUSED if flood.answers.refused else flood.ended or "timeout"

    def _flood(self, user: Walk) -> Flood:
        url = asking.upgrade(self.way.socket, user.values).url
        opening = asking.upgrade(self.way.socket, user.values, more=user.cookies(url))
        self.recorder.keep_secret(asking.secrets_of(opening))
        return Flood(self.limit, Answers(self.limit, self.way, user.values), opening)


def clear(event: Flooded, limit: Limit) -> bool:
    """Whether nothing looks as if a window had ended meanwhile; that no answer comes is no sign of it."""
    if event.sent > event.served + event.refused and not event.ended:
        return True
    refused = event.refused or (event.ended and limit.refused_close)
    refilled, second = (
        math.ceil(limit.allowed * each / limit.seconds) for each in (event.seconds, event.second_seconds)
    )
    return bool(refused) and event.served <= limit.allowed + refilled and event.second_served <= second
