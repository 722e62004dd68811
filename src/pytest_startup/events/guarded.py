"""What becomes of those who should be kept out of an application that is ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_startup.events.base import Event, kind

KEEPING_OUT = "keeping out"
"""The name of this exercise (`ExerciseBegan`)."""

TOKENS_WALKER, LIMITS_WALKER, ORIGINS_WALKER, HEADERS_WALKER, MODEL_WALKER = (
    "whoever shows tokens",
    "whoever asks too often",
    "whoever comes from elsewhere",
    "whoever looks at headers",
    "whoever asks the model",
)
"""The walkers (`JourneyStepped`) who try it."""

TURN = "a turn of the chat"
"""What a model is used for (`ModelUsed`) when somebody chats."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenShown(Event):
    """A token was shown in one `variant` with a request or the upgrade of a socket (`way`), which `what` names.

    `answer` is as in `Offered`; a socket is watched for being closed again, longer where it should be.
    """

    token: str
    variant: str
    way: Literal["request", "socket"]
    what: str
    answer: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TokenNotMade(Event):
    """A variant of a token could not be made, and why."""

    token: str
    variant: str
    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached(Event):
    """A request was made over and over, `seconds` long.

    `answers` counts how often each answer (as in `Offered`) came. `early` is how often one of the status of the limit
    came among the first `within` requests, which the limit allows whatever else counts; `beyond` how many more were
    made than it can allow. `dated` counts refusals with a usable Retry-After. `other` is what another user was
    answered afterwards, empty where nobody asked. `attempt` counts from 1: the window of the limit may have ended
    during the first one.
    """

    limit: str
    attempt: int
    seconds: float
    within: int
    early: int
    sent: int
    beyond: int
    answers: dict[str, int]
    refused: int
    dated: int
    other: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class FirstUsed(Event):
    """A good token was used for the first time, with `what`, while a `service` was silent, and then again.

    `silent` and `answering` are the answers, as in `Offered`; `opened` counts connections to the service meanwhile.
    """

    token: str
    service: str
    what: str
    silent: str
    answering: str
    opened: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class Flooded(Event):
    """`sent` frames were said to a socket in one moment, by one user; `attempt` counts from 1.

    `served` and `refused` count answers, `disordered` those which came before an earlier frame's, and `seconds` is how
    long it took. `within` frames are allowed whatever else counts. `ended` is how the socket was closed, empty while it
    is open. A `second` socket of the same user was said `second_sent` frames then, of which `second_served` were served
    until `second_seconds` after the first frame of all; `second_ended` is as above. `other` and `later` are what
    another user, and the same one after the window had passed, was answered to one frame: `served`, `refused`, a word
    for silence, or nothing where nobody asked.
    """

    limit: str
    attempt: int
    seconds: float
    within: int
    sent: int
    served: int
    refused: int
    disordered: int
    ended: str
    second_seconds: float
    second_sent: int
    second_served: int
    second_ended: str
    other: str
    later: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class HeadersTold(Event):
    """A request for `path` was answered, and had these `headers`: those which count, names in lower case.

    `asked` says by whom: `somebody`, `nobody` (who shows nothing), for what there is not (`unknown`), or for the
    upgrade to a WebSocket (`socket`).
    """

    rules: str
    path: str
    asked: Literal["somebody", "nobody", "unknown", "socket"]
    answer: str
    headers: dict[str, list[str]]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class OriginTried(Event):
    """A page of `origin` asked for something: `what` is `preflight METHOD`, `GET` or `socket`.

    `headers` are those of the answer which count: Access-Control-*, Vary, Cache-Control, names in lower case.
    """

    cors: str
    path: str
    what: str
    origin: str
    allowed: bool
    answer: str
    headers: dict[str, str]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class NotTried(Event):
    """Something of this exercise could not be tried at all, and why.

    `sort` is `token`, `warm`, `limit`, `cors` or `headers`.
    """

    sort: str
    name: str
    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SecretTold(Event):
    """A field of the body of a health endpoint had a secret of the application's in it, which is masked here."""

    role: str
    field: str
    text: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsed(Event):
    """A language model was used while it failed in some `way`, before that (`well`), or after it.

    `what` is a place in the application or a request; it took `seconds` and `requests` to the model, of which two came
    `shortest` seconds after one another (-1: there were no two).
    """

    service: str
    way: str
    when: Literal["before", "during", "after"]
    what: str
    works: bool
    observed: str
    seconds: float
    requests: int
    shortest: float
