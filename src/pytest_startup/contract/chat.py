"""`[chat]`: what a user asks over a WebSocket, and the events that must come back; by one user, or by many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.latency import TurnLatency
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.slots import key
from pytest_startup.contract.sockets import CLIENT, SocketClient
from pytest_startup.contract.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedEvent:
    """One event of a turn."""

    type: str = field(metadata=key(leaves.TEXT, "Its type."))
    optional: bool = field(default=False, metadata=key(leaves.FLAG, "Whether it may be left out."))
    repeated: bool = field(
        default=False,
        metadata=key(
            leaves.FLAG,
            "Whether it may come several times. Neighbours in the sequence which are all repeated may come in any "
            "mixture.",
        ),
    )
    nonce: str | None = field(
        default=None,
        metadata=key(leaves.TEXT, "The dotted path, in its frame, of what must hold the nonce of the question."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two events that belong together, such as the beginning and the end of a tool."""

    begin: str = field(metadata=key(leaves.TEXT, "The type of the one which comes first."))
    end: str = field(metadata=key(leaves.TEXT, "The type of the one which must follow."))
    id: str = field(metadata=key(leaves.TEXT, "The dotted path of the id which both have, and no other pair."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """What a turn of the chat is: a question, and the events which answer it."""

    journey: str = field(metadata=key(leaves.reference("journey"), "The journey which makes somebody a user."))
    socket: SocketClient = field(metadata=key(CLIENT, "How a user connects."))
    ask: Mapping[str, JsonValue] = field(
        hash=False,
        metadata=key(
            leaves.TEMPLATED_JSON,
            "The frame with the question; templates allowed. `{nonce}` in it is another text each time, which an "
            "answer to this question can be told by: the stub of the model repeats it where its replies say `{nonce}`.",
        ),
    )
    events: tuple[ExpectedEvent, ...] = field(
        metadata=key(
            Several(
                Table(ExpectedEvent, "a text or a table", '"answered"', short="type"),
                "an array of texts or tables, at least one",
                empty=False,
            ),
            "The events of a turn, in their order; the last one ends it, and comes once. A type which stands neither "
            "here nor in `ignored` is wrong.",
        ),
    )
    type: str = field(default="type", metadata=key(leaves.TEXT, "The dotted path of the type in a frame."))
    ignored: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.WILDCARD, "an array of texts such as heartbeat_*"),
            "Types which may come at any time, `*` for any text. Of a frame that is no JSON object, its text is taken.",
        ),
    )
    pairs: tuple[Pair, ...] = field(
        default=(),
        metadata=key(
            Several(
                Table(Pair, "a table", '{ begin = "step_began", end = "step_ended", id = "step" }'),
                "an array of tables",
            ),
            "Which of these events belong together.",
        ),
    )
    run: str | None = field(
        default=None,
        metadata=key(
            leaves.TEXT, "The dotted path of the id which all events of a turn have, and those of no other turn."
        ),
    )
    fields: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            leaves.TEMPLATED_TEXTS,
            "Dotted path -> what must stand there in every event, such as `{user_id}` which the journey took.",
        ),
    )
    answer: str | None = field(
        default=None,
        metadata=key(
            leaves.TEXT,
            "The dotted path of the answer in the last event: it must hold the nonce, or it answers something else.",
        ),
    )
    first_within: float = field(
        default=5.0, metadata=key(leaves.SECONDS, "Seconds from the question to the first event.")
    )
    max_gap: float = field(default=10.0, metadata=key(leaves.SECONDS, "Seconds between two events."))
    max_seconds: float = field(default=30.0, metadata=key(leaves.SECONDS, "Seconds from the question to the last."))
    users: int = field(
        default=10, metadata=key(leaves.USERS, "How many users ask at once; these times hold for each of them.")
    )
    latency: TurnLatency | None = field(
        default=None,
        metadata=key(Table(TurnLatency, "a table", "{ p95 = 3.0 }"), "How long they may wait, by percentiles."),
    )

    @property
    def last(self) -> str:
        """The type which ends a turn."""
        return self.events[-1].type

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.socket.texts()
        yield from texts_of(self.ask)
        yield from self.fields.values()
