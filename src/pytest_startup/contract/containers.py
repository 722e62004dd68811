"""`[services.NAME.container]`: what a real service runs in, where it comes out of a container."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pytest_startup.contract import conversions
from pytest_startup.contract.kinds import Leaf, Several, Wrong
from pytest_startup.contract.launch import Environment
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import key

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract
    from pytest_startup.contract.services import Service

KINDS = ("postgres", "redis")
"""Kinds of services which may come out of a container."""

OURS = ("POSTGRES_DB", "POSTGRES_PASSWORD", "POSTGRES_USER")
"""Variables by which we get in."""

IMAGE_PATTERN = r"[a-z0-9][A-Za-z0-9._/:@-]*"
_SOME_TEXT = '"..."'
_VARIABLE = r"[^=\0\s]+"


def _image(value: object) -> str:
    if not re.fullmatch(IMAGE_PATTERN, conversions.text(value)):
        raise Wrong
    return str(value)


def _argument(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise Wrong
    return value


IMAGE = Leaf(
    "the name of an image, with its tag",
    '"postgres:17-alpine"',
    _image,
    {"type": "string", "pattern": f"^{IMAGE_PATTERN}$"},
)
ARGUMENT = Leaf("a text", '"--maxmemory"', _argument, {"type": "string"})


def _variable(name: str, value: object, spot: Spot) -> bool:
    problem, fix = "", "remove it"
    if name in OURS:
        problem = "is ours: the user is made for each run, with a password that nobody knows"
    elif not re.fullmatch(_VARIABLE, name):
        problem = "is a name that no variable can have"
    elif not isinstance(value, str) or "\0" in value:
        problem, fix = "must be a text", f"write {spot.assignment(_SOME_TEXT)}"
    if problem:
        spot.wrong(problem, fix=fix)
    return not problem


VARIABLES = Environment(example='{ TZ = "UTC" }', never=f"({'|'.join(OURS)})$", good=_variable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What the server of a service runs in. All services of a kind share one server, and so do those of peers."""

    image: str | None = field(
        default=None,
        metadata=key(
            IMAGE,
            "The image, one which keeps to the entry point of the official one. Without it, that one: see "
            "`--startup-postgres-image` and `--startup-redis-image`, which win over this.",
        ),
    )
    args: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(ARGUMENT, "an array of texts"),
            "What the server is told besides, after our own arguments: of two, the last one counts.",
        ),
    )
    env: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(VARIABLES, "Further variables of the container."),
    )


def container_of(contract: Contract, kind: str) -> Container:
    """Return the container of this kind of service: as the contract says, else the first of its peers which does."""
    found = (each.container for each in _services(contract) if each.kind == kind and each.container is not None)
    return next(found, Container())


def kinds_of(contract: Contract) -> frozenset[str]:
    """Return the kinds of services which this contract and its peers may have out of containers."""
    return frozenset(each.kind for each in _services(contract)) & set(KINDS)


def _services(contract: Contract) -> Iterator[Service]:
    """Yield the services of a contract, then those of its peers."""
    yield from contract.services
    for each in contract.services:
        if each.peer is not None:
            yield from _services(each.peer)
