"""`[[profiles]]`: how the application is run elsewhere, and what it means then that a service is not there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Schema
from pytest_startup.contract.launch import Environment
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.services import OUTCOME, OutcomeWord, Service
from pytest_startup.contract.slots import key


@dataclass(frozen=True, slots=True)
class Absences:
    """A table: service -> what must happen to the boot when nobody listens there."""

    words: str = "a table of services and exit, not-ready or tolerated"
    example: str = '{ search = "exit" }'

    def read(self, value: object, spot: Spot) -> dict[str, OutcomeWord] | None:
        """Return the outcomes, or None after noting every mistake."""
        if not isinstance(value, dict):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        for name in value:
            Spot(spot.reading, (*spot.path, name), is_key=True).refer(name, "service")
        found = {name: OUTCOME.read(word, spot / name) for name, word in value.items()}
        good = {name: word for name, word in found.items() if word is not None}
        return good if len(good) == len(found) else None  # type: ignore[return-value]  # the kind allows these words alone

    def schema(self) -> Schema:
        """Return the JSON Schema of the table."""
        return {"type": "object", "additionalProperties": OUTCOME.schema()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A way of running the application, such as in production."""

    name: str = field(metadata=key(leaves.PROFILE_NAME, "The name of the profile, unique."))
    env: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(Environment(), "Variables which differ from `launch.env`; templates allowed."),
    )
    absent: Mapping[str, OutcomeWord] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            Absences(),
            "Service -> what must happen to a boot in this profile when nobody listens there. `tolerated`: the "
            "service is optional, `exit` or `not-ready`: it is required.",
        ),
    )

    def applied(self, service: Service) -> Service:
        """Return a service as it is taken in this profile."""
        word = self.absent.get(service.name)
        if word is None:
            return service
        return replace(service, required=word != "tolerated", outcome=replace(service.outcome, absent=word))
