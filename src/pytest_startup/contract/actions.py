"""What one step of a journey does: a request, a call within the process, a question to a service behind its tap.

What it does on a socket of its own is in `socket_steps`.

To add a kind: a class, its option in `ACTIONS`, and what becomes of it in `boot.walk` (which fills its templates) and
`boot.means` (which does it).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from pytest_startup.contract import leaves, minting, socket_steps
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.minting import Mint
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.placing import texts_in
from pytest_startup.contract.slots import Key, Option, choice
from pytest_startup.contract.socket_steps import SocketStep

if TYPE_CHECKING:
    from pytest_startup.contract.chat import Chat, Question

METHODS = ("get", "post", "put", "patch", "delete")

LISTENS = ("SUBSCRIBE", "PSUBSCRIBE")
"""Commands of Redis after which `hears` has something to hear."""


@dataclass(frozen=True, slots=True)
class Request:
    """A method, in capitals, and where to: a path of the application or a whole URL, templates not expanded yet.

    `status` are those of a good answer; empty: any from 200 to 299.
    """

    method: str
    url: str
    json: Mapping[str, JsonValue] | None = field(default=None, hash=False)
    form: Mapping[str, str] | None = field(default=None, hash=False)
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    status: tuple[int, ...] = ()

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.url
        yield from self.headers.values()
        yield from texts_of(self.json)
        yield from (self.form or {}).values()

    def __str__(self) -> str:
        """Return it as in the first line of a request."""
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True)
class Call:
    """A place which is evaluated within the application's process."""

    place: Place

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from texts_in(self.place)

    def __str__(self) -> str:
        """Return the place."""
        return str(self.place)


@dataclass(frozen=True, slots=True)
class Query:
    """A statement for a Postgres (`service`; empty: the only one), and how many rows it must give."""

    sql: str
    service: str = ""
    rows: int | None = None

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.sql

    def __str__(self) -> str:
        """Return the statement, on one line."""
        return f"sql {' '.join(self.sql.split())}"


@dataclass(frozen=True, slots=True)
class RedisCommand:
    """A command for a Redis (`service`; empty: the only one), word by word."""

    words: tuple[str, ...]
    service: str = ""

    @property
    def listens(self) -> bool:
        """Whether it is the beginning of listening."""
        return self.words[0].upper() in LISTENS

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.words

    def __str__(self) -> str:
        """Return the command as one would type it."""
        return f"redis {' '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class Hearing:
    """What comes on a channel (or pattern) of a Redis to which an earlier step has subscribed."""

    channel: str
    service: str = ""

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.channel

    def __str__(self) -> str:
        """Return what is listened to."""
        return f"hears {self.channel}"


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of the chat, in which some keys of its question differ; `chat` is that of the contract."""

    other: Mapping[str, JsonValue] = field(hash=False)
    chat: Chat | None = None

    @property
    def question(self) -> Question:
        """What is asked."""
        assert self.chat is not None  # noqa: S101 - the reader has joined them
        return self.chat.question.differing(self.other)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand, but those of the chat."""
        yield from texts_of(self.other)

    def __str__(self) -> str:
        """Return what it is."""
        return "a turn of the chat"


Action = Request | Call | Query | RedisCommand | Hearing | Turn | Mint | SocketStep

ASKS = (Call, Query, RedisCommand, Hearing)
"""What may be asked again until its answer is right."""

BEHIND = (Query, RedisCommand, Hearing)
"""What is asked of a service of ours, behind its tap."""

_BODY = (
    Key("json", leaves.TEMPLATED_JSON, "The body, as JSON; templates allowed in texts.", None),
    Key("form", leaves.TEMPLATED_TEXTS, "The body, as a form; templates allowed.", None),
    Key("headers", leaves.TEMPLATED_TEXTS, "Headers; templates allowed.", {}),
    Key("status", leaves.STATUSES, "The status of the answer, or several; empty: any from 200 to 299.", ()),
)


def _request(method: str) -> Option:
    lead = Key(method, leaves.TEMPLATED_URL, f"{method.upper()} this path, or whole URL; templates allowed.")
    return Option(lead, _BODY, partial(Request, method.upper()))


_SERVICE = Key("service", leaves.reference("service"), "Which service is asked; unless it is said, the only one.", "")
_CALL = Key(
    "call",
    leaves.CALLED_PLACE,
    "A place, evaluated within the application: its own client writes, or publishes. Templates allowed in texts.",
)
_SQL = Key(
    "sql",
    leaves.SQL,
    "A statement, asked of Postgres by a connection of ours which does not go through the application. Templates "
    "become parameters, also those within a text in quotes.",
)
_ROWS = Key("rows", leaves.ROWS, "How many rows it must give.", None)
_REDIS = Key(
    "redis",
    leaves.WORDS,
    "A command, word by word, asked of Redis by a connection of ours; templates allowed. SUBSCRIBE begins to listen.",
)
_HEARS = Key("hears", leaves.TEMPLATED, "A channel to which an earlier step has subscribed: what is heard there.")
_TURN = Key(
    "turn",
    leaves.TEMPLATED_JSON,
    "A turn of the chat: keys of `chat.ask` (of its last frame; of `chat.asks`, the body) which differ in this one, {} "
    "for none; templates allowed in texts. What is captured is taken from the last event.",
)

ACTIONS = choice(
    "method",
    *map(_request, METHODS),
    Option(_CALL, (), Call),
    Option(_SQL, (_SERVICE, _ROWS), Query),
    Option(_REDIS, (_SERVICE,), RedisCommand),
    Option(_HEARS, (_SERVICE,), Hearing),
    Option(_TURN, (), Turn),
    minting.OPTION,
    *socket_steps.OPTIONS,
)
"""The kinds of steps."""

KINDS: Mapping[str, str] = {"sql": "postgres", "redis": "redis", "hears": "redis"}
"""Leading key -> the kind of service which is asked."""
