"""`[websocket]`: what holds for the WebSocket of the application, whatever is said over it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pytest_startup.contract import leaves, raw
from pytest_startup.contract.buffering import BUFFER, CONFIRM, Buffer, Confirm
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.reconnect import RECONNECT, Reconnect
from pytest_startup.contract.slots import key
from pytest_startup.contract.sockets import CLIENT, SocketClient
from pytest_startup.contract.tables import Table

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
            "What shows that a connection still serves its user: something quick which changes nothing.",
        ),
    )
    reconnect: Reconnect | None = field(
        default=None, metadata=key(RECONNECT, "What a user gets who loses the connection and comes back.")
    )
    buffer: Buffer | None = field(default=None, metadata=key(BUFFER, "What is kept for a user who is away."))
    confirm: Confirm | None = field(default=None, metadata=key(CONFIRM, "How a user confirms what has come."))

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        for each in (self.socket, self.alive, self.reconnect, self.buffer, self.confirm):
            if each is not None:
                yield from each.texts()


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
