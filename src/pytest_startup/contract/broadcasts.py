"""`[[websocket.broadcasts]]`: what is put in once inside the process, and comes out at the sockets of many users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pytest_startup.contract import leaves, raw
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed
from pytest_startup.contract.slots import key

EXAMPLE = '{ name = "news", put = "hub.broadcast(\'{nonce}\')" }'
_NAME = leaves.NAME.noting(lambda name, spot: spot.declare("broadcast", name))
_JOURNEYS = Several(leaves.reference("journey"), "an array of names of journeys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """An event that is put in inside the process, for everybody or for some."""

    name: str = field(metadata=key(_NAME, "The name of the broadcast, unique."))
    put: Place = field(
        metadata=key(
            leaves.PUT_PLACE,
            "A call within the application which sends an event. In its texts `{nonce}` is what must arrive, another "
            "text each time; some are long.",
        )
    )
    journeys: tuple[str, ...] = field(
        default=(),
        metadata=key(
            _JOURNEYS,
            "The journeys of those who are connected, two users of each; that of the socket, unless it is said. Each "
            "leaves behind what the templates of the socket need.",
        ),
    )
    reaches: tuple[str, ...] = field(
        default=(),
        metadata=key(_JOURNEYS, "Those of them whose users must get it, and nobody else; all, unless it is said."),
    )
    max_seconds: float = field(default=2.0, metadata=key(leaves.SECONDS, "Seconds until it must have arrived."))
    closes: tuple[int, ...] = field(
        default=(1001, 1012),
        metadata=key(
            Several(leaves.CLOSE_CODE, "an array of WebSocket close codes, from 1000 to 4999"),
            "The codes by which every socket is closed when the application stops while this is being sent.",
        ),
    )

    def everybody(self, journey: str | None) -> tuple[str, ...]:
        """Return the journeys of those who are connected; `journey` is that of the socket."""
        return self.journeys or ((journey,) if journey is not None else ())

    def reaches_users_of(self, journey: str) -> bool:
        """Whether users who have made this journey must get it."""
        return not self.reaches or journey in self.reaches

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_in(self.put)


def check(broadcast: Raw, journey: object, spot: Spot) -> None:
    """Note whom it could not reach; `journey` is that of the socket. It looks at the raw table."""
    there = raw.texts(broadcast.get("journeys")) or ((journey,) if isinstance(journey, str) else ())
    for index, each in raw.items(broadcast.get("reaches")):
        if each not in there:
            problem = f"is none of those who are connected; these are {listed(map(str, there))}"
            (spot / "reaches" / index).wrong(problem, value=each, fix="name it in journeys as well")
    if isinstance(broadcast.get("put"), str) and "{nonce}" not in str(broadcast["put"]):
        problem = "has no {nonce}, by which what arrives could be told from anything else"
        (spot / "put").wrong(problem, value=broadcast["put"], fix="write '{nonce}' where the text of the event stands")
