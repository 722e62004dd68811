"""`[services.NAME]`: what the application uses outside its process, and what happens when that misbehaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pytest_startup.contract import conversions, leaves
from pytest_startup.contract.containers import Container
from pytest_startup.contract.failing import Failure
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.launch import Environment
from pytest_startup.contract.places import JsonValue, Place
from pytest_startup.contract.slots import Choice, Key, Option, key
from pytest_startup.contract.tables import Chosen, Named, Table
from pytest_startup.contract.templates import RESERVED
from pytest_startup.contract.values import TextReply, ToolReply

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract

OutcomeWord = Literal["exit", "not-ready", "tolerated"]
ServiceKind = Literal["postgres", "redis", "llm", "unavailable", "app"]

APP = "app"
IMPLIED = ("postgres", "redis", "llm", "unavailable")
"""Kinds which a service of this name has without saying so."""

KINDS = (*IMPLIED, APP)

OUTCOME = leaves.word("exit", "not-ready", "tolerated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What must happen to the boot when a service misbehaves; None: the contract does not say.

    `exit`: the process ends with an error. `not-ready`: it stays up, not ready. `tolerated`: it gets ready.
    """

    absent: OutcomeWord | None = field(default=None, metadata=key(OUTCOME, "... when nobody listens."))
    hangs: OutcomeWord | None = field(default=None, metadata=key(OUTCOME, "... when it accepts and says nothing."))
    late: OutcomeWord | None = field(default=None, metadata=key(OUTCOME, "... when it comes up after the boot began."))
    dies: OutcomeWord | None = field(default=None, metadata=key(OUTCOME, "... when it goes away while we are up."))
    returns: OutcomeWord | None = field(default=None, metadata=key(OUTCOME, "... when it went away and is back."))
    stalls: OutcomeWord | None = field(default=None, metadata=key(OUTCOME, "... when it hangs while we are up."))
    falters: OutcomeWord | None = field(
        default=None,
        metadata=key(
            OUTCOME,
            "... when it is slow, falls silent, breaks off and refuses for moments while we start, and is well again; "
            "with `exit`, to get ready is as good.",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The connections to a service which the application keeps."""

    size: int = field(metadata=key(leaves.CONNECTIONS, "Connections which are open once the application is ready."))
    most: int | None = field(
        default=None,
        metadata=key(leaves.CONNECTIONS, "Connections which are never exceeded; so many can be used at once."),
    )

    @property
    def at_once(self) -> int:
        """How many uses at the same time it must serve."""
        return self.most if self.most is not None else self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """What the tables of a database must be like once the application is ready."""

    check: tuple[str, ...] | None = field(
        default=None,
        metadata=key(
            leaves.ARGV,
            "A command which ends with 0 when no migration is pending and no model differs from its table; it is run "
            "with the environment of the application, once that is ready.",
        ),
    )
    tables: tuple[str, ...] = field(
        default=(),
        metadata=key(
            Several(leaves.TEXT, "an array of names of tables"),
            "Tables which must be there; without it, at least one. Each that is there must be readable.",
        ),
    )
    version: str | None = field(default=None, metadata=key(leaves.TEXT, "SQL which selects the version of the schema."))
    newer: str | None = field(
        default=None,
        metadata=key(leaves.TEXT, "SQL which makes it the schema of a later release, as after a rollback of the code."),
    )
    newer_outcome: OutcomeWord = field(
        default="exit",
        metadata=key(
            OUTCOME,
            "What must happen to a boot on that: `exit`: it ends, and says why; `tolerated`: it gets ready, and leaves "
            "the version as it is.",
        ),
    )
    lasting_locks: int = field(
        default=0,
        metadata=key(leaves.LOCKS, "Advisory locks which instances hold as long as they are up (a leader's, say)."),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How the body of readiness tells of a service."""

    path: str = field(metadata=key(leaves.TEXT, "The field of the JSON body, by dotted path.", name="field"))
    up: JsonValue = field(metadata=key(leaves.SCALAR, "Its value while the service is well."))
    away: JsonValue = field(metadata=key(leaves.SCALAR, "Its value while the service is away."))
    required: str | None = field(
        default=None,
        metadata=key(leaves.TEXT, "The field which is true where the service is required and false where it is not."),
    )
    error: str | None = field(
        default=None,
        metadata=key(
            leaves.TEXT,
            "The field which says in words why the service is away; nothing of a password may stand there.",
        ),
    )
    tells: Mapping[str, JsonValue] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.FIELDS, "Further fields which are always there, and their values: the name, say."),
    )

    @property
    def fields(self) -> tuple[str, ...]:
        """Every field of the body that counts."""
        return tuple(filter(None, (self.path, self.required, self.error, *self.tells)))


REPLY = Choice(
    "reply",
    (
        Option(Key("text", leaves.TEXT, "What the model says."), build=TextReply),
        Option(
            Key("tool", leaves.TEXT, "The tool that the model calls."),
            (Key("arguments", leaves.JSON_TABLE, "What it calls it with.", {}),),
            ToolReply,
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Something outside the process which the application uses."""

    name: str
    kind: ServiceKind = field(
        metadata=key(
            leaves.word(*KINDS),
            "What it is; need not be said when the name says it. `unavailable`: nobody ever listens there "
            "(an optional service that is not there). `app`: a further ASGI application of the same system.",
        )
    )
    contract: Path | None = field(
        default=None,
        metadata=key(
            leaves.PATH,
            "app: the file with the contract of that application, relative to this one; it is started as it says.",
        ),
    )
    env: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            Environment(),
            "app: further variables of that application; `{secret.NAME}` is the same there and here.",
        ),
    )
    canary: Place | None = field(
        default=None,
        metadata=key(
            leaves.ANY_PLACE,
            "A place, evaluated in the application once it is ready: it must not raise, nor be false or "
            "None, and bytes must cross to the service meanwhile.",
        ),
    )
    template: tuple[tuple[str, ...], ...] = field(
        default=(),
        metadata=key(
            Several(leaves.ARGV, "an array of commands, each an array of texts"),
            "postgres: commands which prepare the template database, once per run; templates allowed.",
        ),
    )
    container: Container | None = field(
        default=None,
        metadata=key(
            Table(Container, "a table", '{ image = "postgres:16" }'),
            "postgres, redis: what it runs in, where real services are wanted (`--real-services`).",
        ),
    )
    required: bool = field(
        default=True,
        metadata=key(leaves.FLAG, "Whether it must be there for readiness; `unavailable`: false."),
    )
    pool: Pool | None = field(
        default=None,
        metadata=key(
            Table(Pool, "a table", "{ size = 5, most = 10 }"),
            "The pool of connections to it; its canary is what is used at once.",
        ),
    )
    schema: Schema | None = field(
        default=None,
        metadata=key(
            Table(Schema, "a table", '{ check = ["{python}", "-m", "alembic", "check"] }'),
            "postgres: what its tables must be like once the application is ready.",
        ),
    )
    report: Report | None = field(
        default=None,
        metadata=key(
            Table(Report, "a table", '{ field = "checks.cache.status", up = "ok", away = "unavailable" }'),
            "How readiness tells of it.",
        ),
    )
    outcome: Outcome = field(
        default=Outcome(),
        metadata=key(
            Table(Outcome, "a table", '{ absent = "exit" }'),
            "What must happen to the boot: `exit`, `not-ready` or `tolerated`; the rest is not judged.",
        ),
    )
    failure: Failure | None = field(
        default=None,
        metadata=key(
            Table(Failure, "a table", "{ max_seconds = 10.0 }"),
            "llm: what must come of it when the model fails while the application is up.",
        ),
    )
    replies: tuple[TextReply | ToolReply, ...] = field(
        default=(),
        metadata=key(
            Several(Chosen(REPLY, "a table", '{ text = "done" }'), "an array of tables"),
            "llm: what the model answers to a question, in order, the last again and again: which one is due follows "
            "from what the request holds already. `{nonce}` in them is that of the question.",
        ),
    )
    max_attempts_per_second: int = field(
        default=20,
        metadata=key(
            leaves.RATE,
            "How often it may be asked again within a second while it is not there yet; more is a storm.",
        ),
    )
    backoff: bool = field(
        default=False,
        metadata=key(leaves.FLAG, "Whether the pauses between these attempts must grow."),
    )
    jitter: bool = field(
        default=False,
        metadata=key(leaves.FLAG, "Whether two instances must make different pauses, so as not to come back in step."),
    )
    peer: Contract | None = None
    """app: the contract of that application."""

    @property
    def protocol(self) -> str:
        """What it speaks, for its URL: its kind; of an unavailable one, its name."""
        return self.name if self.kind == "unavailable" else self.kind


def _problem(name: str) -> str:
    if name in RESERVED:
        return f"has a meaning of its own in templates; no service can be called {' or '.join(RESERVED)}"
    return "" if conversions.NAME.fullmatch(name) else f"is not {leaves.NAME.words}"


def prepared(name: str, table: Mapping[str, object]) -> dict[str, object]:
    """Return the table of a service with what follows from its name and kind."""
    named = {"kind": name, **table} if name in IMPLIED else dict(table)
    return {"required": False} | named if named.get("kind") == "unavailable" else named


SERVICES = Named(
    Table(Service, "a table", '{ kind = "redis" }'),
    "service",
    f"^(?!({'|'.join(RESERVED)})$){conversions.NAME.pattern}$",
    _problem,
    prepared,
    IMPLIED,
)
