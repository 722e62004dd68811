"""`[websocket]`: what holds for the WebSocket of the application, whatever is said over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_startup.contract import broadcasts, heartbeat, leaves, raw
from pytest_startup.contract.broadcasts import Broadcast
from pytest_startup.contract.buffering import BUFFER, CONFIRM, Buffer, Confirm
from pytest_startup.contract.connections import Factory, Limit
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.heartbeat import Heartbeat
from pytest_startup.contract.kinds import OneOrSeveral, Several
from pytest_startup.contract.latency import FrameLatency
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.reconnect import RECONNECT, Reconnect
from pytest_startup.contract.slots import key
from pytest_startup.contract.sockets import CLIENT, SocketClient
from pytest_startup.contract.spoofing import Spoof
from pytest_startup.contract.tables import Table
from pytest_startup.contract.upgrades import Upgrades

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract

SHARED = ("journey", "socket")
"""The keys which are those of the chat, unless they are said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocket:
    """Who connects how, and how it is seen that a connection lives."""

    journey: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("journey"), "The journey which makes somebody a user; that of the chat, unless it is said."
        ),
    )
    socket: SocketClient | None = field(
        default=None, metadata=key(CLIENT, "How a user connects; as for the chat, unless it is said.")
    )
    alive: Exchange | None = field(
        default=None,
        metadata=key(
            Table(Exchange, "a table", '{ say = { type = "ping" }, receive = { type = "pong" } }'),
            "What shows that a connection still serves its user: something quick which changes nothing. Without it, a "
            "ping of the protocol is sent, which the server answers.",
        ),
    )
    heartbeat: Heartbeat | None = field(
        default=None,
        metadata=key(
            Table(Heartbeat, "a table", heartbeat.EXAMPLE),
            "How it is seen that somebody is still there, and when somebody is given up.",
        ),
    )
    broadcasts: tuple[Broadcast, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Broadcast, "a table", broadcasts.EXAMPLE),
                "an array of tables: [[websocket.broadcasts]], not [websocket.broadcasts]",
            ),
            "Events which are put in once inside the process, and come out at the sockets of many users.",
        ),
    )
    upgrades: Upgrades | None = field(
        default=None,
        metadata=key(
            Table(Upgrades, "a table", "{ at_once = 100 }"), "How many sockets may be asked for in one moment."
        ),
    )
    latency: FrameLatency | None = field(
        default=None,
        metadata=key(Table(FrameLatency, "a table", "{ p95 = 0.2 }"), "How long the answers to `alive` may take."),
    )
    connections: tuple[Place, ...] = field(
        default=(),
        metadata=key(
            OneOrSeveral(leaves.CALLED_PLACE, "a place, or an array of places"),
            "How many connections are open: a number, or something which has a length; of one user where it holds "
            "templates of the journey, else of all.",
        ),
    )
    gone_within: float = field(
        default=3.0,
        metadata=key(leaves.SECONDS, "Seconds within which nothing is left of a connection that has ended."),
    )
    error: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(
            leaves.TEMPLATED_JSON,
            "What the frame has at least which answers a message that is no good; the socket stays open then. Where "
            "nothing is said, a socket may also be closed for it.",
        ),
    )
    bad: tuple[JsonValue, ...] = field(
        default=(),
        hash=False,
        metadata=key(
            Several(leaves.PLAIN_VALUE, "an array of messages: texts as they are sent, or JSON"),
            "Further messages which are no good, besides those that can be made of the question and of `routes`; a "
            "text is sent as it is, braces and all.",
        ),
    )
    cut: bool = field(
        default=False,
        metadata=key(
            leaves.FLAG,
            "Whether a connection may end without a close frame when its client breaks the protocol, as some servers "
            "have it (RFC 6455, 7.1.7: SHOULD).",
        ),
    )
    max_bytes: int | None = field(
        default=None,
        metadata=key(leaves.BYTES, "The longest message which is taken; unless it is said, any length may be."),
    )
    routes: tuple[Exchange, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Exchange, "a table", '{ say = { type = "ping" }, receive = { type = "pong" } }'),
                "an array of tables: [[websocket.routes]]",
            ),
            "Messages of each type that is understood, and what answers them.",
        ),
    )
    settles: tuple[Place, ...] = field(
        default=(),
        metadata=key(
            OneOrSeveral(leaves.CALLED_PLACE, "a place, or an array of places"),
            "What agents have under way: numbers, or what has a length; after a turn, and after a user who leaves in "
            "the midst of one, they are as before.",
        ),
    )
    settles_within: float = field(default=10.0, metadata=key(leaves.SECONDS, "Seconds within which they are."))
    factory: Factory | None = field(
        default=None,
        metadata=key(
            Table(Factory, "a table", '{ make = "managers.of(\'{user_id}\')", own = ["connections"] }'),
            "What makes a manager for each user.",
        ),
    )
    limit: Limit | None = field(
        default=None,
        metadata=key(Table(Limit, "a table", "{ connections = 5 }"), "How many connections may be open at once."),
    )
    spoof: Spoof | None = field(
        default=None,
        metadata=key(Table(Spoof, "a table", '{ fields = ["user_id"] }'), "Where somebody may pretend to be another."),
    )

    reconnect: Reconnect | None = field(
        default=None, metadata=key(RECONNECT, "What a user gets who loses the connection and comes back.")
    )
    buffer: Buffer | None = field(default=None, metadata=key(BUFFER, "What is kept for a user who is away."))
    confirm: Confirm | None = field(default=None, metadata=key(CONFIRM, "How a user confirms what has come."))

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        own = (self.socket, self.alive, self.factory, self.spoof, self.reconnect, self.buffer, self.confirm)
        for part in (*own, *self.routes, self.heartbeat, *self.broadcasts):
            if part is not None:
                yield from part.texts()
        for place in (*self.connections, *self.settles):
            yield from texts_in(place)
        yield from texts_of(self.error or {})


def named(routes: Iterable[Exchange]) -> Iterator[tuple[str, Exchange]]:
    """Yield each message that is understood with a name of its own: the first of its texts, else its number."""
    taken: set[str] = set()
    for number, each in enumerate(routes):
        texts = (text for text in each.say.values() if isinstance(text, str) and "{" not in text)
        name = next((text for text in texts if text not in taken), f"route-{number}")
        taken.add(name)
        yield name, each


def joined(contract: Contract) -> Contract:
    """Return the contract whose socket has the journey and the client of the chat where it says nothing of them."""
    socket, chat = contract.websocket, contract.chat
    if socket is None or chat is None:
        return contract
    own = replace(socket, journey=socket.journey or chat.journey, socket=socket.socket or chat.socket)
    return replace(contract, websocket=own)


def check(contract: Raw, spot: Spot) -> None:
    """Note when nobody can connect: neither the socket nor a chat says how. It looks at the raw tables."""
    if "websocket" not in contract or "chat" in contract:
        return
    for name in SHARED:
        if name not in raw.table(contract["websocket"]):
            problem = "is missing; there is no [chat] whose it could be"
            (spot / "websocket" / name).wrong(problem, fix="say it here, or declare [chat]")
