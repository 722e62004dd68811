"""What becomes of many connections: heartbeats, broadcasts, a restart, upgrades at once, answers one by one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_startup.events.base import Event, kind

HEARTBEAT, BROADCAST, RESTART, UPGRADES, EXCHANGES = (
    "heartbeat",
    "broadcasts",
    "broadcast during a restart",
    "upgrades",
    "answers one by one",
)
"""The names of these exercises (`ExerciseBegan`)."""

ANSWERING, OTHER, LATER, DEAD = "one who answers", "another user", "one who comes later", "one who is dead"
"""Whose sockets are watched for heartbeats: the first one and the dead one are of the same user."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class HeartbeatsHeard(Event):
    """What came to one socket, that of `who`, from `since` to `at`: heartbeats at these `times`.

    `ended` is when the socket was closed, or else lost (-1: it was open to the end), and `how`.
    """

    who: str
    since: float
    times: tuple[float, ...]
    ended: float
    how: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SentBesideDead(Event):
    """What was sent to a user with a dead socket and a living one: how often it came to the living one, and how soon.

    `when` says whether the dead one was still open. `problem` is what kept it from being sent, if anything.
    """

    when: Literal["before", "after"]
    delivery: str
    arrived: int
    seconds: float
    limit: float
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PeersCounted(Event):
    """How many connections were open by the application's own count; `problem` says why there is no number."""

    place: str
    when: Literal["before", "after"]
    count: int
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPut(Event):
    """A broadcast was put in, the `number`th of its `part`; `raised` by the call, which may not have returned in time.

    `part` is `series` (one after another), `stalled` (after so much of it that the buffers of a socket which nobody
    reads are full), `stopping` (all the time, while the application is told to stop) or `again` (after the next boot).
    """

    broadcast: str
    part: Literal["series", "stalled", "stopping", "again"]
    number: int
    raised: str
    returned: bool


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastsHeard(Event):
    """What came to one socket of those broadcasts: their `numbers` in the order in which they came, and how soon each.

    `journey` is that of its user. `ended` says how the socket was closed, or lost; empty while it is open.
    """

    broadcast: str
    part: Literal["series", "stalled", "stopping", "again"]
    socket: str
    journey: str
    numbers: tuple[int, ...]
    seconds: tuple[float, ...]
    ended: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class RestartTried(Event):
    """The application was stopped while broadcasts went on, and booted again; `ready` says whether that succeeded.

    `stopped` is when it was told to stop, `sent` how many had been put in by then.
    """

    broadcast: str
    stopped: float
    sent: int
    ready: bool
    observed: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradesTried(Event):
    """What came of so many handshakes in one moment (`round` from 1): how often each answer.

    `answers` are `kept` (accepted, and open for a while), `denied STATUS`, `closed CODE`, `reset`, `refused`,
    `timeout`. `longest` is how many seconds one of them took.
    """

    round: int
    wanted: int
    answers: dict[str, int]
    longest: float


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ServedAfterwards(Event):
    """Somebody connected once a crowd had left: `problem` is what was wrong with that, if anything."""

    seconds: float
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangesTimed(Event):
    """How many seconds each answer took, one after the other; `problem` is why there are no more of them."""

    wanted: int
    seconds: tuple[float, ...]
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyMissing(Event):
    """One of these exercises could not be tried, or not all of it, and why."""

    exercise: str
    name: str
    reason: str
