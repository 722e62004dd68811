"""`[websocket.spoof]`: who somebody is, is what their connection says, whatever stands in their frames."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract import leaves, raw
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot, listed
from pytest_startup.contract.slots import key

ID = "user_id"
"""What a journey usually captures of who somebody is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoof:
    """Where in a frame somebody may pretend to be another user."""

    fields: tuple[str, ...] = field(
        metadata=key(
            Several(leaves.TEXT, "an array of dotted paths, at least one", empty=False),
            "Dotted paths in the frame at which the id of another user is put, one after the other.",
        )
    )
    id: str = field(default=ID, metadata=key(leaves.NAME, "The name by which the journey captures that id."))
    say: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(leaves.TEMPLATED_JSON, "The frame; the question of the chat, unless it is said. With `{nonce}`."),
    )
    receive: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(
            leaves.TEMPLATED_JSON,
            "What the frame which answers `say` has at least, where it is not refused; of the chat, its last event.",
        ),
    )
    max_seconds: float = field(default=10.0, metadata=key(leaves.SECONDS, "Seconds until that must have come."))
    sql: str | None = field(
        default=None,
        metadata=key(
            leaves.SQL,
            "A statement which finds what was recorded for the *other* user: it must give no row. `{nonce}` is that of "
            "the frame, all else stands for the other user.",
        ),
    )
    service: str = field(
        default="",
        metadata=key(leaves.reference("service"), "Which Postgres is asked; unless it is said, the only one."),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of([self.say or {}, self.receive or {}, self.sql or ""])


def check(contract: Raw, spot: Spot, captured: Mapping[str, tuple[str, ...]]) -> None:
    """Note what cannot be tried; `captured` is journey -> the names which it leaves behind."""
    socket, chat = raw.table(contract.get("websocket")), raw.table(contract.get("chat"))
    if "spoof" not in socket:
        return
    spoof, here = raw.table(socket["spoof"]), spot / "websocket" / "spoof"
    if "say" in spoof and "receive" not in spoof:
        (here / "receive").wrong("is missing; say alone has no end", fix='write receive = { type = "TYPE" }')
    if "say" not in spoof and not chat:
        (here / "say").wrong("is missing; there is no [chat] whose question it could be", fix="say it here")
    journey, name = socket.get("journey", chat.get("journey")), spoof.get("id", ID)
    names = captured.get(str(journey))
    if names is not None and name not in names:
        problem = f"must be a name that the journey {journey} captures; it captures {listed(names)}"
        (here / "id").wrong(problem, value=name, fix=f'write capture = {{ {name} = "PATH" }} in one of its steps')
