"""`[components]` and `[wiring]`: where the parts of the application live, and which holds which."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field, replace

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Schema, Several
from pytest_startup.contract.places import Place
from pytest_startup.contract.reading import Spot, show
from pytest_startup.contract.slots import key
from pytest_startup.contract.tables import Named, Table

_ROOTS = ("app", "lifespan")
_TARGET = leaves.reference("component")
_COMPONENTS = Several(_TARGET, "an array of names of components")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of the application and where it lives."""

    name: str
    place: Place = field(
        metadata=key(
            leaves.ROOTED_PLACE,
            'Where it lives: `app.state.x`, `app["/mounted"].state.x`, `lifespan.x`, `package.module:name`; '
            "a call with literal arguments is a step too, and is awaited when it must be.",
            name="at",
        )
    )
    not_empty: bool = field(default=False, metadata=key(leaves.FLAG, "Whether it must hold something: `len(x) > 0`."))
    optional: bool = field(default=False, metadata=key(leaves.FLAG, "Whether the application is ready without it too."))
    within: float | None = field(
        default=None,
        metadata=key(
            leaves.SECONDS, "Seconds until it is there (`not_empty`: holds something), from when its phase is entered."
        ),
    )
    after: tuple[str, ...] = field(
        default=(), metadata=key(_COMPONENTS, "Components which must be there before this one is.")
    )


def _problem(name: str) -> str:
    if name in _ROOTS:
        return "is the beginning of a place, so no component can have this name"
    if not name.isidentifier() or keyword.iskeyword(name):
        return "is not a name of letters, digits and _, as places need"
    return ""


COMPONENTS = Named(
    Table(Component, "a place or a table", '"app.state.name"', short="at"),
    "component",
    f"^(?!({'|'.join(_ROOTS)})$)[^\\W\\d]\\w*$",
    _problem,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What `place` (within a component) holds must *be* the component `target`: the same object."""

    place: Place
    target: str


@dataclass(frozen=True, slots=True)
class Wiring:
    """A table whose keys are places within components, and whose values are components."""

    words: str = 'a table of lines such as "router.worker.queue" = "queue"'
    example: str = '{ "router.queue" = "queue" }'

    def read(self, value: object, spot: Spot) -> tuple[Link, ...] | None:
        """Return the links in their order, or None after noting every mistake."""
        if not isinstance(value, dict):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        links = [_link(name, item, spot / name) for name, item in value.items()]
        good = tuple(link for link in links if link is not None)
        return good if len(good) == len(links) else None

    def schema(self) -> Schema:
        """Return the JSON Schema of the table."""
        return {"type": "object", "additionalProperties": _TARGET.schema()}


def _link(text: str, value: object, spot: Spot) -> Link | None:
    if isinstance(value, dict) and value:
        left, right = _flat(text, value)
        spot.wrong("must be in quotes as a whole, since it has dots", fix=f"write {show(left)} = {right}")
        return None
    place = leaves.LINK_PLACE.read(text, replace(spot, is_key=True))
    target = _TARGET.read(value, spot)
    return None if place is None or target is None else Link(place=place, target=target)


def _flat(text: str, value: object) -> tuple[str, str]:
    while isinstance(value, dict) and value:
        step, value = next(iter(value.items()))
        text = f"{text}.{step}"
    return text, show(value) if isinstance(value, str) else _TARGET.example
