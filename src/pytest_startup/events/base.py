"""What all events have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

Role = Literal["liveness", "readiness", "control", "discovered", "request"]
"""What a path is asked for; `control` is one that cannot exist, `discovered` one of the usual paths, `request` an
ordinary one while readiness says not ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, `at` seconds after the spawn."""

    at: float

    kinds: ClassVar[dict[str, type[Event]]] = {}


_E = TypeVar("_E", bound=Event)


def kind(cls: type[_E]) -> type[_E]:
    """Enter an event class into the table by which saved traces are read."""
    Event.kinds[cls.__name__] = cls
    return cls
