"""What is said of the connections of users: what makes a manager for each of them, and how many each may have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.slots import key
from pytest_startup.contract.socket_words import REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Factory:
    """What makes the part of the application which serves one user, and what of it no other user may have."""

    make: Place = field(
        metadata=key(
            leaves.CALLED_PLACE,
            "The place which gives the manager of a user, such as `managers.of('{user_id}')`; templates allowed in "
            "texts.",
        )
    )
    own: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.BELOW, "an array of dotted paths"),
            "Paths below it, such as `connections`: two users must not have the same object there.",
        ),
    )
    per: str = field(
        default="user",
        metadata=key(
            leaves.word("user", "request"),
            "Whether a user gets the same one each time (`user`), or may get another one whenever it is asked for "
            "(`request`).",
        ),
    )

    def below(self, path: str) -> Place:
        """Return the place of one of `own`; of what is made itself for an empty path."""
        return Place.parse(f"{self.make.text}.{path}") if path else self.make

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_in(self.make)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many connections somebody may have at once."""

    connections: int = field(metadata=key(leaves.CONNECTIONS, "How many connections may be open at once."))
    refused: tuple[int, ...] = field(
        default=(1008, 1013, 403, 429, 503),
        metadata=key(
            REFUSALS,
            "By which close codes, or statuses of the upgrade, one too many is refused.",
        ),
    )
    per: str = field(
        default="user",
        metadata=key(leaves.word("user", "all"), "Whether each user may have so many (`user`), or `all` together."),
    )
