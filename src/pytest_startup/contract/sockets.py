"""How a user connects to a socket of the application, by WebSocket or Socket.IO: all that connects has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pytest_startup.contract import leaves, raw
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Leaf, Schema, Several, Wrong
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import key
from pytest_startup.contract.socket_words import FRAMES, Frame
from pytest_startup.contract.tables import Table

SOCKETIO = "socketio"

ONLY = {"subprotocols": "websocket", "namespace": SOCKETIO, "auth": SOCKETIO}
"""Keys which one transport has, and the other has not."""


def _namespace(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("/"):
        raise Wrong
    return value


NAMESPACE = Leaf("a text that begins with a slash", '"/chat"', _namespace, {"type": "string", "pattern": "^/"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketClient:
    """How a user who has made the journey connects; templates are those of the journey."""

    path: str = field(metadata=key(leaves.TEMPLATED_URL, "The path, with its query if any; templates allowed."))
    headers: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "Headers; templates allowed.")
    )
    query: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "The query; templates allowed.")
    )
    subprotocols: tuple[str, ...] = field(
        default=(), metadata=key(Several(leaves.TEMPLATED, "an array of texts"), "Subprotocols; templates allowed.")
    )
    first: tuple[Frame, ...] = field(
        default=(),
        hash=False,
        metadata=key(
            FRAMES,
            "The frame, or frames, which are sent first: a table as JSON, a text as it is; templates allowed.",
        ),
    )

    transport: Literal["websocket", "socketio"] = field(
        default="websocket",
        metadata=key(
            leaves.word("websocket", "socketio"),
            "What is spoken. `socketio`: protocol 5 of Socket.IO, which listens at `path` (`/socket.io`), and whose "
            'frames are written as `{ event = "NAME", data = ... }` (`args = [...]` for several arguments).',
        ),
    )
    namespace: str = field(
        default="/",
        metadata=key(
            NAMESPACE,
            "The namespace of Socket.IO.",
        ),
    )
    auth: Mapping[str, JsonValue] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_JSON, "What Socket.IO is told of who connects; templates allowed."),
    )

    @property
    def is_socketio(self) -> bool:
        """Whether it is Socket.IO that is spoken."""
        return self.transport == SOCKETIO

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.path
        yield from (*self.headers.values(), *self.query.values(), *self.subprotocols)
        yield from texts_of(list(self.first))
        yield from texts_of(self.auth)


@dataclass(frozen=True, slots=True)
class ClientTable(Table[SocketClient]):
    """The table of a client; what belongs to another transport is a mistake."""

    def read(self, value: object, spot: Spot, **given: object) -> Any:  # noqa: ANN401 - as of every table
        """Return the client, or None after noting every mistake."""
        check_client(raw.table(value), spot)
        return Table.read(self, value, spot, **given)

    def schema(self) -> Schema:
        """Return the JSON Schema, with what each transport has alone."""
        schema = Table.schema(self)
        spoken = {"properties": {"transport": {"const": SOCKETIO}}, "required": ["transport"]}
        others = {which: {"not": {"anyOf": _required(which)}} for which in ("websocket", SOCKETIO)}
        schema["anyOf"][-1] |= {"if": spoken, "then": others["websocket"], "else": others[SOCKETIO]}
        return schema


def _required(transport: str) -> list[Schema]:
    return [{"required": [name]} for name, which in ONLY.items() if which == transport]


def check_client(client: Raw, spot: Spot) -> None:
    """Note what belongs to another transport than that of a client, be it a table of its own or a step."""
    for name, transport in ONLY.items():
        if name in client and client.get("transport", "websocket") in {"websocket", SOCKETIO} - {transport}:
            fix = f'write transport = "{SOCKETIO}", or remove it' if transport == SOCKETIO else "remove it"
            (spot / name).wrong(f"is a key of the transport {transport} alone", fix=fix)
    frames = client.get("first", [])
    for frame in frames if isinstance(frames, list) else [frames]:
        check_frame(frame, client, spot / "first")


def check_frame(frame: object, client: Raw, spot: Spot) -> None:
    """Note a frame which Socket.IO cannot send, where that is what a client speaks."""
    if client.get("transport") == SOCKETIO and not isinstance(raw.table(frame).get("event"), str):
        problem = "has no event, by whose name Socket.IO sends a frame"
        spot.wrong(problem, fix='write { event = "NAME", data = { ... } }')


CLIENT = ClientTable(SocketClient, "a path or a table", '{ path = "/ws" }', short="path")
"""A socket: its path alone, or a table."""
