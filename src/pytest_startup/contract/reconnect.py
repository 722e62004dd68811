"""`[websocket.reconnect]`: what a user gets who loses the connection and comes back, and what keeps storms away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from pytest_startup.contract import leaves, raw
from pytest_startup.contract.captures import CAPTURES
from pytest_startup.contract.conversions import text as told
from pytest_startup.contract.conversions import texts_of, whole
from pytest_startup.contract.exchanges import Exchange
from pytest_startup.contract.kinds import Leaf, Several, Wrong
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.raw import Raw
from pytest_startup.contract.reading import Spot
from pytest_startup.contract.slots import key
from pytest_startup.contract.socket_words import FRAMES, Frame
from pytest_startup.contract.tables import Table
from pytest_startup.events.returning import Way

TAKEN_FROM_FRAMES = replace(
    CAPTURES, words="a table of names and dotted paths in a frame", example='{ thread_id = "thread_id" }'
)
LAST, ID = "last", "id"
"""The templates which stand for the id of the last frame that was seen, and of the frame which is confirmed."""

PLACED = ("put", "put_high")
"""The keys whose text is a place, with templates in what it hands to a call."""

Told = Literal["reason", "header", "frame"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """What somebody says who comes back."""

    path: str = field(
        default="",
        metadata=key(leaves.TEMPLATED_URL, "The path, where it is another one than at first; templates allowed."),
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_TEXTS, "Headers beside those of the socket; templates allowed."),
    )
    query: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_TEXTS, "What is added to the query; templates allowed."),
    )
    first: tuple[Frame, ...] = field(
        default=(),
        hash=False,
        metadata=key(FRAMES, "The frame, or frames, which are sent first then, in the place of the socket's."),
    )
    start: str | int | float | bool | None = field(
        default=None,
        metadata=key(
            leaves.SCALAR,
            "What `{last}` stands for as long as no frame with an id has come; without it nothing of all this is said "
            "then.",
        ),
    )

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from (self.path, *self.headers.values(), *self.query.values())
        yield from texts_of(list(self.first))


@dataclass(frozen=True, slots=True)
class Pause:
    """Where it stands how long somebody must wait: `what` is a regular expression, a header, or a dotted path."""

    where: Told
    what: str

    def __str__(self) -> str:
        """Return it as it was written."""
        return f"{self.where}:{self.what}"


def _pause(value: object) -> Pause:
    where, colon, what = told(value).partition(":")
    if where not in ("reason", "header", "frame") or not colon or not what.strip():
        raise Wrong
    if where == "reason":
        try:
            groups = re.compile(what).groups
        except re.error as error:
            raise Wrong(problem=f"is not a regular expression: {error}") from None
        if groups != 1:
            raise Wrong(problem="must have one group, around the seconds", fix='write "reason:retry after (\\\\d+)"')
    return Pause(where, what.strip())  # type: ignore[arg-type]  # one of the three


PAUSE = Leaf(
    '"reason:REGULAR EXPRESSION" (of the close frame), "header:NAME" (of a denied upgrade) or "frame:PATH"',
    '"header:Retry-After"',
    _pause,
    {"type": "string", "pattern": "^(reason|header|frame):."},
)
REFUSAL = Leaf(
    "an HTTP status from 400 to 599 or a close code from 1000 to 4999",
    "1013",
    whole(400, 4999),
    {"type": "integer", "minimum": 400, "maximum": 4999},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """What happens to a user who comes back too often."""

    within: float = field(metadata=key(leaves.SECONDS, "Seconds in which connections are counted."))
    attempts: int = field(metadata=key(leaves.COUNT, "How many connections one user may open in that time."))
    refused: tuple[int, ...] = field(
        default=(1013, 429, 503),
        metadata=key(
            Several(REFUSAL, "an array of HTTP statuses and close codes", empty=False),
            "How who comes more often is refused: statuses of a denied upgrade, codes of one which is accepted and "
            "closed.",
        ),
    )
    pause: Pause | None = field(
        default=None,
        metadata=key(
            PAUSE,
            "Where it is told how many seconds one has to wait: in the reason of the close frame (the group of the "
            "expression), in a header of the answer, or in a frame which comes before the end.",
        ),
    )
    grows: bool = field(
        default=True, metadata=key(leaves.FLAG, "Whether the pause gets longer when somebody comes before it is over.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconnect:
    """How a user comes back, and what must be there then."""

    resume: Resume | None = field(
        default=None,
        metadata=key(
            Table(Resume, "a table", '{ query = { after = "{last}" } }'),
            "What is said at a return, where the client tells what has come: `{last}` is the id of the last frame, and "
            "what `capture` names is known too. Without it the server knows itself what has not been sent.",
        ),
    )
    last: str = field(default="id", metadata=key(leaves.TEXT, "The dotted path of the id in a frame, if it has one."))
    capture: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            TAKEN_FROM_FRAMES, "Name -> dotted path: what is taken from frames, of the last one which has it."
        ),
    )
    replay: Literal["once", "at-least-once"] = field(
        default="once",
        metadata=key(
            leaves.word("once", "at-least-once"),
            "Whether a frame comes once, or may come again, with the id that it had.",
        ),
    )
    put: Place | None = field(
        default=None,
        metadata=key(
            leaves.PUT_PLACE,
            "A call within the application which sends a message to a user; in its texts `{nonce}` is what must "
            "arrive, and what the journey captured says to whom.",
        ),
    )
    turn: Mapping[str, JsonValue] | None = field(
        default=None,
        hash=False,
        metadata=key(
            leaves.TEMPLATED_JSON,
            "A second turn of the chat, after the return: keys of `chat.ask` which differ, such as "
            '`{ thread_id = "{thread_id}" }`; what stands in it of `capture` must be the same afterwards.',
        ),
    )
    state: Exchange | None = field(
        default=None,
        metadata=key(
            Table(Exchange, "a table", '{ say = { type = "history" }, receive = { thread = "{thread_id}" } }'),
            "What shows, after the return, that the state is that of before.",
        ),
    )
    max_seconds: float = field(
        default=5.0, metadata=key(leaves.SECONDS, "Seconds from a return until all that was kept has come.")
    )
    storm: int = field(
        default=50, metadata=key(leaves.USERS, "How many users lose their connections at once, and come back at once.")
    )
    backoff: Backoff | None = field(
        default=None,
        metadata=key(
            Table(Backoff, "a table", "{ within = 10, attempts = 30 }"), "What happens to who comes back too often."
        ),
    )

    @property
    def ways(self) -> tuple[Way, ...]:
        """How connections are lost.

        What is on its way when one is reset is gone for good, unless the client can say what it has seen: where it
        cannot, the connection ends in mid-stream, after all that had been sent.
        """
        return ("closed", "ended" if self.resume is None else "reset")

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.resume.texts() if self.resume is not None else ()
        yield from texts_in(self.put) if self.put is not None else ()
        yield from texts_of(self.turn or {})
        yield from self.state.texts() if self.state is not None else ()


RECONNECT = Table(Reconnect, "a table", '{ resume = { query = { after = "{last}" } } }')
"""How a user comes back."""

Shown = tuple[object, Spot, tuple[str, ...], bool]
"""A value with templates in it, where it is, the names which are known there besides, and whether it is a place."""


def templated(socket: Raw, spot: Spot) -> Iterator[Shown]:
    """Yield every value in which templates may stand, of these tables of the raw `socket` at `spot`."""
    for name in TABLES:
        table, here = raw.table(socket.get(name)), spot / name
        captured = tuple(raw.table(table.get("capture")))
        known = {"resume": (LAST, *captured), "turn": captured, "state": captured, "say": (ID,)}
        for key_, value in table.items():
            if key_ in known or key_ in PLACED:
                yield value, here / key_, known.get(key_, ()), key_ in PLACED


TABLES = ("reconnect", "buffer", "confirm")
"""The tables of a socket which are about those who were away."""


def check(contract: Raw, spot: Spot) -> None:
    """Note what could show nothing: neither a chat nor a message to lose, and a second turn of no chat."""
    table = raw.table(raw.table(contract.get("websocket")).get("reconnect"))
    if not table:
        return
    here = spot / "websocket" / "reconnect"
    if "chat" not in contract and "put" not in table:
        fix = "write put = \"COMPONENT.send('{user_id}', '{nonce}')\""
        (here / "put").wrong("is missing; without a [chat] there is nothing that could be lost", fix=fix)
    if "chat" not in contract and "turn" in table:
        (here / "turn").wrong("is a turn of the chat, and the contract has no [chat]", fix="declare [chat]")
