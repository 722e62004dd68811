"""What becomes of it when the application is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_startup.events.base import Event, kind


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseBegan(Event):
    """A part of using the application began: `first requests`, `journeys`, `deliveries`, `recipients`, or a chat's.

    All of them together have a limit of time: what it was too late for is not on record.
    """

    name: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseEnded(Event):
    """That part is over, with what it wrote to the log."""

    name: str


@kind
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


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Requested(Event):
    """How often one of the first requests had this `answer` (as in `Offered`), the first time as number `first`."""

    path: str
    answer: str
    count: int
    first: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class AskedThroughout(Event):
    """How often users who asked on while a service was in trouble had this `answer` (as in `Offered`).

    `longest` is how many seconds one of them took. `timeout`: it had not ended after `limit`.
    """

    service: str
    path: str
    answer: str
    count: int
    longest: float
    limit: float


FIRST_REQUESTS, JOURNEYS, DELIVERIES = "first requests", "journeys", "deliveries"
"""The names of exercises (`ExerciseBegan`) which are judged."""

OUTAGE, AFTERWARDS = "users ask on", "after the outage"
"""The exercises of a boot in which a service goes, or hangs, and is back."""

DISTURBANCE, FIRST_WALKER = "the disturbance", "whoever makes the first requests"
"""The walkers (`JourneyStepped`) who are no users: what disturbs a journey, and who makes the first requests."""

TOO_MANY = "429"
"""The answer to whoever has asked too often (RFC 6585, 4): it says nothing of what was asked."""

PUT_SECONDS = 5.0
"""What a call that puts an event in may take."""


@kind
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


@kind
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


@kind
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


CHAT, FIRST_USERS, ONE_NAME, USERS = "chat", "first users", "one name", "users"
"""The names of exercises which are about the chat: by one user; by the first ones, all at once; by many under one name;
by many who are connected and ask at the same moment."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTaken(Event):
    """What became of a turn of the chat; `asked` is when the question was sent.

    `user` (from 1) tells those apart who have one in the same `exercise`. `types` and `times` (in seconds since the
    question) are of the events that were as they had to be, `run` is the id which they share. Where the turn left its
    script first, `about` is the type of event that it is about, and `expected`, `observed` and `diverged` (in seconds
    since the question) say how; all is empty when nothing was wrong with it.

    `greeting` are the types of what came before the question. Where it was never `questioned`, `asked` is when it
    connected, and `diverged` is counted from then on.
    """

    exercise: str
    user: int
    asked: float
    types: tuple[str, ...]
    times: tuple[float, ...]
    run: str
    about: str
    expected: str
    observed: str
    diverged: float
    greeting: tuple[str, ...] = ()
    questioned: bool = True


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaViolated(Event):
    """An event of a turn (`exercise` and `user` as there) was not what the schema of its `type` says.

    `path` is where in its frame, dotted. Of several of one type that is said of the first one which is wrong.
    """

    exercise: str
    user: int
    type: str
    path: str
    expected: str
    observed: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class UsersAsked(Event):
    """How many users were wanted in an exercise, how many made the journey, and how many asked; `began` is when.

    `lack` says what kept our own process from having more of them, empty if nothing did.
    """

    exercise: str
    wanted: int
    prepared: int
    asked: int
    began: float
    lack: str = ""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class NameRaced(Event):
    """A step of the journey that was made at once by several under one name, and once more after them.

    `answers` are what each of them was answered who came as far, `accepted` is how many of them as the contract says.
    `late` is what the last one was answered, empty if it did not come as far, and `welcome` whether that was good.
    """

    round: int
    step: int
    request: str
    answers: tuple[str, ...]
    accepted: int
    late: str
    welcome: bool
