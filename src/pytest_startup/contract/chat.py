"""`[chat]`: what a user asks over a WebSocket, and the events that must come back; by one user, or by many at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from pytest_startup.contract import leaves
from pytest_startup.contract.captures import CAPTURES
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.event_schemas import EventSchema
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.latency import TurnLatency
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.security import ASKED, Asked
from pytest_startup.contract.slots import Key, Option, choice, key
from pytest_startup.contract.sockets import ClientTable, SocketClient
from pytest_startup.contract.tables import Table

Frame = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedEvent:
    """One event of a turn, or of a greeting; `judged_by` is its schema, wherever that was found."""

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
    within: float | None = field(
        default=None,
        metadata=key(
            leaves.SECONDS,
            "Seconds in which it must come: from the event before it, or from the question (of a greeting: from the "
            "connection). Unless it is said, `first_within` and `max_gap` hold.",
        ),
    )
    schema: Frame | str | None = field(
        default=None,
        hash=False,
        metadata=key(
            leaves.SCHEMA,
            "What its frame must be: a JSON Schema, or the path of its file (JSON or YAML), from the directory of the "
            "contract. It needs the extra `schema`.",
        ),
    )
    judged_by: EventSchema | None = field(default=None, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSocket(SocketClient):
    """How a user connects for a chat; the `path` may be left to an AsyncAPI document."""

    path: str = field(
        default="",
        metadata=key(
            leaves.TEMPLATED_URL,
            "The path, with its query if any; templates allowed. Unless it is said, the address of the channel which "
            "`chat.asyncapi` names.",
        ),
    )


CHAT_CLIENT = ClientTable(ChatSocket, "a path or a table", '{ path = "/ws" }', short="path")


@dataclass(frozen=True, slots=True, kw_only=True)
class AsyncApi:
    """A document that describes channels and messages."""

    file: str = field(
        metadata=key(leaves.TEXT, "The path of an AsyncAPI 3 document (JSON or YAML), from the contract's directory.")
    )
    channel: str = field(
        default="", metadata=key(leaves.TEXT, "The key of the chat's channel, where the document has several.")
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What a user asks: some frames over the socket, or a request, while the events come over the socket."""

    frames: tuple[JsonValue, ...] = field(default=(), hash=False)
    request: Asked | None = None

    @property
    def body(self) -> Frame:
        """The table of which keys may differ: the last frame, or the body of the request; empty where that is none."""
        last = self.frames[-1] if self.request is None else self.request.json
        return last if isinstance(last, Mapping) else {}

    def differing(self, other: Frame) -> Question:
        """Return the question in which some keys differ: of its last frame, or of the body of the request."""
        if not other:
            return self
        if self.request is None:
            last = self.frames[-1]
            return Question((*self.frames[:-1], {**last, **other} if isinstance(last, dict) else last))
        return Question(request=replace(self.request, json={**(self.request.json or {}), **other}))

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_of(list(self.frames))
        if self.request is not None:
            yield from self.request.texts()


QUESTION = choice(
    "question",
    Option(
        Key(
            "ask",
            leaves.ASK,
            "The frame with the question, or several of them: a text as it is, all else as JSON; templates allowed. "
            "`{nonce}` in it is another text each time, which an answer to this question can be told by: the stub of "
            "the model repeats it where its replies say `{nonce}`.",
        ),
        build=Question,
    ),
    Option(
        Key(
            "asks",
            ASKED,
            "The request with the question, where it is not asked over the socket, over which the events come all the "
            "same; templates allowed, `{nonce}` as in `ask`.",
        ),
        build=lambda request: Question(request=request),
    ),
)


def _events(words: str) -> Several[ExpectedEvent]:
    table = Table(ExpectedEvent, "a text or a table", '"answered"', short="type")
    return Several(table, words, empty=False)


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
    socket: ChatSocket = field(default=ChatSocket(), metadata=key(CHAT_CLIENT, "How a user connects."))
    question: Question = field(metadata=QUESTION)
    events: tuple[ExpectedEvent, ...] = field(
        metadata=key(
            _events("an array of texts or tables, at least one"),
            "The events of a turn, in their order; the last one ends it, and comes once. A type which stands neither "
            "here nor in `ignored` is wrong.",
        ),
    )
    greeting: tuple[ExpectedEvent, ...] = field(
        default=(),
        metadata=key(
            _events("an array of texts or tables, at least one"),
            "Where the server speaks first: the events which must come before the question is asked, in their order.",
        ),
    )
    capture: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            CAPTURES,
            "Name -> dotted path in a frame of the greeting; the last one which has it counts. The question and "
            "`fields` have the value as `{name}`.",
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
    never: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.WILDCARD, "an array of texts such as *_failed"),
            "Types which may never come, `*` for any text, whatever `ignored` says.",
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
    id: str | None = field(
        default=None,
        metadata=key(leaves.TEXT, "The dotted path of the id which each event has, and no other one of the turn."),
    )
    sequence: str | None = field(
        default=None,
        metadata=key(
            leaves.TEXT,
            "The dotted path of a number which grows by one from event to event; frames which are ignored may have "
            "some of the numbers in between, and another connection of the same turn may begin anew, at 0 or 1.",
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
    asyncapi: AsyncApi | None = field(
        default=None,
        metadata=key(
            Table(AsyncApi, "a path or a table", '{ file = "asyncapi.yaml" }', short="file"),
            "An AsyncAPI 3 document which describes the channel: where it is, and what the frames of its events must "
            "be. It needs the extra `schema`.",
        ),
    )
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

    @property
    def types(self) -> tuple[str, ...]:
        """The types of the greeting and of the turn, each once."""
        return tuple(dict.fromkeys(each.type for each in (*self.greeting, *self.events)))

    def schema(self, kind: str) -> EventSchema | None:
        """Return the schema of the events of this type; None where none is known."""
        found = (each.judged_by for each in (*self.greeting, *self.events) if each.type == kind)
        return next((each for each in found if each is not None), None)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.socket.texts()
        yield from self.question.texts()
        yield from self.fields.values()
