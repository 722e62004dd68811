"""What clients, and the agent inside, have seen of the WebSocket of an application that is ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pytest_startup.events.base import Event, kind

SOCKETS = "sockets"
"""The name of this exercise (`ExerciseBegan`)."""

SOCKETS_WALKER = "a user of sockets"
"""Whoever makes the journey for it (`JourneyStepped`), and a number."""

Part = Literal["gathering", "ends", "limit", "factory", "routes", "payloads", "protocol", "settling", "spoofing"]
"""What the exercise consists of."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PartNotTried(Event):
    """A part of this exercise could not be tried at all, and why."""

    part: Part
    reason: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SocketsRested(Event):
    """Many users have opened or left sockets at the same time, and rest; `moment` says what they did before.

    `opened` sockets had to be open. `lost` says of each one that did not serve its user what became of it, `strayed`
    of each frame which held something of another user where it came, and whose it was.
    """

    round: int
    moment: str
    opened: int
    lost: tuple[str, ...]
    strayed: tuple[str, ...]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsCounted(Event):
    """How many connections the application says are open, `seconds` after that became so.

    `user` is empty where all are counted together. `count` is -1 where it said nothing, for the reason `problem`.
    """

    place: str
    round: int
    moment: str
    user: str
    expected: int
    count: int
    seconds: float
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SocketEnded(Event):
    """A connection was ended in some way, `end`, and what was left of it.

    `measure` is what was counted: a place, or what the process has. There were `before` of it without the connection,
    `during` with it, and `after` that `seconds` later. `answer` is what the server said to a close frame. `witness`
    is what became of somebody else's socket, empty when it lives. `problem` is why nothing was counted.
    """

    end: str
    measure: str
    before: int
    during: int
    after: int
    seconds: float
    answer: str
    witness: str
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionsLimited(Event):
    """As many connections were opened as somebody may have, and one more.

    `early` are the answers of those within the limit which were not kept. `beyond` is what became of the one too
    many, `lost` what became of those which were open by then, `other` what became of another user's. `again` is what
    became of one more after one had left. Each is `kept` for a socket that served its user, else as in `Offered`.
    """

    allowed: int
    early: tuple[str, ...]
    beyond: str
    lost: tuple[str, ...]
    other: str
    again: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ManagersCompared(Event):
    """What two users were given by a factory, at `path` below it (empty: itself).

    Whether one user was given the `same` object twice, and whether it was `shared` with the other user; a `plain`
    value (a number, a text, None) is no object of anybody's. `problem` is why it could not be looked at.
    """

    path: str
    type: str
    same: bool
    shared: bool
    plain: bool
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class RouteTried(Event):
    """A message that is understood was sent; `heard` are the frames that came, `problem` is what was wrong."""

    route: str
    heard: tuple[str, ...]
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class InputTried(Event):
    """A message that is no good was sent (`payloads`), or what breaks the protocol, or is unusual in it (`protocol`).

    `heard` are the frames which came in answer. `refused` is whether one of them says that it was no good, as the
    contract has it, `served` whether it answers what was sent. `ended` is how the socket ended, empty where it
    stayed; `alive` is what was wrong with it afterwards, empty where it went on serving. `witness` is what became of
    somebody else's socket, empty when it lives.
    """

    part: Literal["payloads", "protocol"]
    name: str
    heard: tuple[str, ...]
    refused: bool
    served: bool
    ended: str
    alive: str
    witness: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSettled(Event):
    """How many something held `before` and, `seconds` later, `after` an occasion; `most` is the highest in between.

    `problem` is why it could not be looked at.
    """

    place: str
    occasion: str
    before: int
    after: int
    most: int
    seconds: float
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SpoofTried(Event):
    """Somebody has put the id of another user into a frame, at `field`.

    `outcome` says what became of it: it was `refused`, or `served` as the asker's own; else what was wrong with what
    came. `strayed` is a frame which came to the other user with the nonce of it. `recorded` is how many rows were
    found of the other user's (-1: not looked for), `unasked` why they could not be.
    """

    field: str
    outcome: str
    strayed: str
    recorded: int
    unasked: str
