"""What becomes of users who lose their connections, and come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_startup.events.base import Event, kind

RETURNING = "returning"
"""The name of this exercise (`ExerciseBegan`), and of its walkers (`JourneyStepped`)."""

RETURN_STORM = "a storm of returns"
"""The part of it in which many come back at once (`ExerciseBegan`)."""

Way = Literal["reset", "ended", "closed"]
"""How a connection is lost: by RST, in mid-stream (FIN), or by a close frame."""

Numbers = tuple[int, ...]
"""Messages, by the order in which they were put in for one user, from 1; they are counted on at each return."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnFailed(Event):
    """A part of this exercise could not be tried: `part` is which, `user` who, `problem` why."""

    part: str
    user: str
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TurnResumed(Event):
    """A user lost the connection (`way`) in a turn, after so many `seen` events, and came back.

    `types` are the events of the turn which were as they had to be, in both connections; `before` is how many of them
    came in the first one. Where the turn left its script, `about`, `expected`, `observed` say how, `resumed` whether
    that was after the return. `problem` is what kept the user from coming back.
    """

    user: str
    way: Way
    seen: int
    before: int
    types: tuple[str, ...]
    about: str
    expected: str
    observed: str
    resumed: bool
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class QueueDelivered(Event):
    """What came, after the return, of the messages which were put in for a user who was away.

    `when` says when the connection was lost (`start`: right after the application was ready; `turn`: in a turn;
    `away`). `put` are those which the application took, `refused` is what the others raised. `came` are those which
    arrived, as they came, within `seconds`; `foreign` counts messages of others. `problem` is what kept the user from
    coming back.
    """

    user: str
    when: Literal["start", "turn", "away"]
    way: Way
    put: Numbers
    refused: tuple[str, ...]
    came: Numbers
    foreign: int
    seconds: float
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class StateKept(Event):
    """What was found of the state after a return, by a second `turn` of the chat or by what was asked (`state`).

    `kept` is what was taken before, `found` the same afterwards; `problem` is what went wrong with it.
    """

    what: Literal["turn", "state"]
    way: Way
    kept: dict[str, str]
    found: dict[str, str]
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class CameAgain(Event):
    """One user after another tried to connect; `answer` is `accepted`, or as in `Offered`.

    `when`: `often` is the first refusal of whoever comes again and again (or the last try), after `number` connections
    in `seconds`; `early` before the pause was over; `waited` after it; `other` is somebody else. `pause` is how many
    seconds one was told to wait; -1 when nothing was told.
    """

    when: Literal["often", "early", "waited", "other"]
    number: int
    seconds: float
    answer: str
    pause: float


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class BufferOverflowed(Event):
    """More was put in for a user who was away than is kept (`flooded`), or a little for another one.

    `put` are the messages, `high` those of them which have priority, `refused` what putting in raised, `came` what
    arrived after the return, in its order. `told` counts the frames which told of a loss.
    """

    flooded: bool
    put: Numbers
    high: Numbers
    refused: tuple[str, ...]
    came: Numbers
    told: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnConfirmed(Event):
    """A user came (`round` 0: for the first time, then back) while these messages were `open` or `confirmed`.

    `came` are the messages which arrived, in their order.
    """

    user: str
    round: int
    open: Numbers
    confirmed: Numbers
    came: Numbers


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class StormReturned(Event):
    """One of the users who lost their connections in one moment and came back in another.

    `put`, `came` and `foreign` are as in `QueueDelivered`; the last of the messages came after `seconds`. `answer` is
    `accepted`, or as in `Offered`.
    """

    user: int
    put: Numbers
    came: Numbers
    foreign: int
    seconds: float
    answer: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class StormEnded(Event):
    """How many users were wanted, were connected before, and whether there was time until the end; `began` is when."""

    wanted: int
    connected: int
    whole: bool
    began: float
