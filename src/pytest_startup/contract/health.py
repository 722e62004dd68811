"""`[health]`: where the application says how it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.slots import key
from pytest_startup.contract.tables import Table


class NoProbe(Enum):
    """Why there is nothing to ask; the value is the reason to report."""

    UNDECLARED = "the contract names no such health endpoint"
    DECLARED = "the contract says that there is none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One health endpoint, and what it answers when all is well."""

    path: str = field(metadata=key(leaves.HEALTH_PATH, "The exact path which is asked, with its query if any."))
    status: int = field(default=200, metadata=key(leaves.STATUS, "The status when all is well."))
    max_seconds: float = field(default=2.0, metadata=key(leaves.SECONDS, "Seconds that an answer may take."))
    fields: Mapping[str, JsonValue] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.FIELDS, "What the JSON body holds then, by dotted path, among other things."),
    )


def holds(fields: Mapping[str, Any], wanted: Mapping[str, JsonValue]) -> bool:
    """Whether the fields of a body have the wanted values; in JSON 1 is not true."""
    missing = object()
    pairs = [(fields.get(name, missing), value) for name, value in wanted.items()]
    return all(found == value and isinstance(found, bool) == isinstance(value, bool) for found, value in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessProbe(Probe):
    """The readiness endpoint, and also what it answers before."""

    not_ready_status: tuple[int, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.STATUS, "an array of HTTP statuses"),
            'The statuses which say "not yet"; empty: any but `status`. With `not_ready_fields`, `status` too.',
        ),
    )
    not_ready_fields: Mapping[str, JsonValue] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.FIELDS, "What the JSON body holds before, by dotted path, among other things."),
    )

    follows_within: float = field(
        default=5.0,
        metadata=key(
            leaves.SECONDS,
            "Seconds in which it must follow a service which goes away or hangs while the application is up, and one "
            "which is back.",
        ),
    )

    def says_ready(self, answer: str, fields: Mapping[str, Any]) -> bool:
        """Whether an answer (a status, or a kind of silence) lets traffic in: by its status, unless the body denies."""
        denies = bool(self.not_ready_fields) and holds(fields, self.not_ready_fields)
        return answer == str(self.status) and not denies


_WORDS = "a path, a table, or false when there is none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The health endpoints; what the contract does not name is not covered, never passed."""

    liveness: Probe | NoProbe = field(
        default=NoProbe.UNDECLARED,
        metadata=key(
            Table(Probe, _WORDS, '"/health/live"', short="path", off=NoProbe.DECLARED),
            "Whether the process should go on: a path, a table, or false when there is none.",
        ),
    )
    readiness: ReadinessProbe | NoProbe = field(
        default=NoProbe.UNDECLARED,
        metadata=key(
            Table(ReadinessProbe, _WORDS, '"/health/ready"', short="path", off=NoProbe.DECLARED),
            "Whether it can serve: a path, a table, or false when there is none.",
        ),
    )
