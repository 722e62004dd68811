"""What becomes of two instances at once, of the tables of a database, and of services which falter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_startup.events.base import Event, kind

INSTANCES = ("the first instance", "the second instance")
"""What two instances of one boot are called, in the order of their traces."""


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SecondRecorded(Event):
    """An event of the second of two instances, in its saved form, on the timeline of the first.

    `pytest_startup.trace.Trace.second` puts them together to the trace of that instance.
    """

    event: dict[str, Any]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class TapPeaked(Event):
    """The most connections to a service that the application had open at a time until it was ready."""

    service: str
    most: int


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class LocksLeft(Event):
    """What was still held in a database when both instances were ready, and had been left alone for a moment.

    `advisory` are advisory locks, `idle` sessions which are idle in a transaction; each with who it is and its last
    statement. `problem` says why nobody could look.
    """

    service: str
    advisory: tuple[str, ...]
    idle: tuple[str, ...]
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaRead(Event):
    """What a second connection found in a database once the application was ready.

    `version` is what the contract's SQL selects, empty without one; `tables` as `schema.table`, without the schema
    where it is `public`; `unreadable` tells of those which could not be read, and why; `objects` are columns,
    constraints and indexes, one text for each. `problem` says why nobody could look. `alone` tells whether one instance
    had made them, on a database of its own.
    """

    service: str
    alone: bool
    version: str
    tables: tuple[str, ...]
    unreadable: dict[str, str]
    objects: tuple[str, ...]
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaChecked(Event):
    """How the command ended which tells whether a migration is pending; None: not within its time."""

    service: str
    code: int | None
    output: tuple[str, ...]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class BootedOnNewer(Event):
    """After this boot had ended, the schema was made that of a later release, and an ordinary boot followed on it.

    `code` is the one with which it ended by itself, None when it did not; `observed` says why it was not ready, `log`
    has what it logged. `version` was there when it began, `left` when it had ended, both empty where the contract does
    not say how they are selected. `problem` says why it was not tried.
    """

    service: str
    ready: bool
    code: int | None
    observed: str
    log: tuple[str, ...]
    version: str
    left: str
    problem: str


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class ChaosPlanned(Event):
    """The schedule by which a service falters, as `seed` draws it: one text for each episode."""

    service: str
    seed: int
    episodes: tuple[str, ...]


@kind
@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeStruck(Event):
    """An episode of the schedule met the traffic of a service."""

    service: str
    episode: str
