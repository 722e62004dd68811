"""`[[tokens]]` and `[[cors]]`: whom the application keeps out once it is ready."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.actions import METHODS, Request
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.http_words import HEADER, METHOD, ORIGIN
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.slots import Key, Option, choice, key
from pytest_startup.contract.sockets import CLIENT, SocketClient
from pytest_startup.contract.tables import Table

GOOD = "good"
VARIANTS = (GOOD, "missing", "garbage", "altered", "forged", "unsigned", "expired", "wrong-audience")
"""What is shown in the place of a token: the good one, none, and what nobody may take for a good one."""

UNDERSCOPED, LOOKALIKE, SIGNED_AGAIN = "underscoped", "lookalike", "signed-again"
"""Without its scope; with one that only looks like it; and with the same, signed again, to tell what that proves."""

ANY = "*"
"""The origin which stands for all of them."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A token which the journey took out of an answer, under this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Cookie:
    """A token which the journey left behind as the cookie of this name."""

    name: str


def _option(method: str) -> Option:
    lead = Key(method, leaves.TEMPLATED_URL, f"{method.upper()} this path, or whole URL; templates allowed.")
    return Option(lead, build=partial(Request, method.upper()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of somebody who has made the journey."""

    request: Request = field(metadata=choice("method", *map(_option, METHODS)))
    json: Mapping[str, JsonValue] | None = field(
        default=None, hash=False, metadata=key(leaves.TEMPLATED_JSON, "The body, as JSON; templates allowed in texts.")
    )
    headers: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "Headers; templates allowed.")
    )
    status: tuple[int, ...] = field(
        default=(),
        metadata=key(leaves.STATUSES, "The status of the answer when it is let in; empty: any from 200 to 299."),
    )
    max_seconds: float = field(default=5.0, metadata=key(leaves.SECONDS, "Seconds that the answer may take."))

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.request.url
        yield from self.headers.values()
        yield from texts_of(self.json)


ASKED = Table(Asked, "a table", '{ get = "/me", headers = { Authorization = "Bearer {token}" } }')
_ORIGINS = Several(ORIGIN, "an array of origins")
CLOSE_CODES = Several(leaves.CLOSE_CODE, "an array of WebSocket close codes, from 1000 to 4999")


@dataclass(frozen=True, slots=True)
class Without:
    """The claim loses this scope, and keeps all others."""

    scope: str


@dataclass(frozen=True, slots=True)
class Instead:
    """The claim has another value."""

    value: str | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a token says what it allows, and how it says too little."""

    claim: str = field(
        metadata=key(
            leaves.TEXT, "The claim: its name, or the dotted path to it. A text of scopes with spaces, or an array."
        )
    )
    change: Without | Instead = field(
        metadata=choice(
            "change",
            Option(Key("without", leaves.TEXT, "The scope which is taken away; all others stay."), build=Without),
            Option(Key("instead", leaves.SCALAR, "The value which the claim has instead."), build=Instead),
        )
    )
    requests: tuple[Asked, ...] | None = field(
        default=None,
        metadata=key(
            Several(ASKED, "an array of tables"), "The requests that need it, if any; those of the token, unless said."
        ),
    )
    socket: bool = field(
        default=True, metadata=key(leaves.FLAG, "Whether the token's socket needs it, where there is one.")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What proves who somebody is, where it is shown, and how one that proves nothing is refused."""

    name: str = field(metadata=key(leaves.TOKEN_NAME, "The name of this sort of token, unique."))
    journey: str = field(metadata=key(leaves.reference("journey"), "The journey by which a good one comes to be."))
    source: Captured | Cookie = field(
        metadata=choice(
            "source",
            Option(Key("token", leaves.NAME, "The name under which the journey captured it."), build=Captured),
            Option(Key("cookie", leaves.TEXT, "The name of the cookie that holds it after the journey."), build=Cookie),
        )
    )
    algorithm: Literal["HS256", "HS384", "HS512"] | None = field(
        default=None,
        metadata=key(
            leaves.word("HS256", "HS384", "HS512"),
            "How `key` signs it (RFC 7518, 3.2), where both are known: then the claims of a good token are signed "
            "again, with nothing wrong but the time or the audience.",
        ),
    )
    scope: Scope | None = field(
        default=None,
        metadata=key(
            Table(Scope, "a table", '{ claim = "scope", without = "write" }'),
            "What the token allows: it is signed again without that, where `key` and `algorithm` are known.",
        ),
    )
    warm: str | None = field(
        default=None,
        metadata=key(
            leaves.reference("service"),
            "The service of which the first use of a good token needs nothing, since what it takes (keys, a cache) has "
            "been fetched at startup: it is used while that service is silent.",
        ),
    )
    secret: str = field(
        default="",
        metadata=key(
            leaves.TEMPLATE, "The key of `algorithm`, as the application has it: `{secret.NAME}`.", name="key"
        ),
    )
    requests: tuple[Asked, ...] = field(
        default=(),
        metadata=key(
            Several(ASKED, "an array of tables"),
            "Requests that only somebody with a good token may make; whatever holds the token's template is left out "
            "where none is shown. Cookies are sent only with a token that is one.",
        ),
    )
    socket: SocketClient | None = field(
        default=None, metadata=key(CLIENT, "The WebSocket that only somebody with a good token may have.")
    )
    refused_status: tuple[int, ...] = field(
        default=(401, 403), metadata=key(leaves.STATUSES, "The statuses by which a request or an upgrade is refused.")
    )
    refused_close: tuple[int, ...] = field(
        default=(1008, 3000, 3003, 4001, 4003, 4401, 4403),
        metadata=key(CLOSE_CODES, "The codes by which an accepted WebSocket may be refused."),
    )

    @property
    def scoped(self) -> tuple[Asked, ...]:
        """The requests that need its scope."""
        if self.scope is None:
            return ()
        return self.requests if self.scope.requests is None else self.scope.requests

    @property
    def socket_scoped(self) -> bool:
        """Whether its socket needs the scope."""
        return self.scope is not None and self.scope.socket and self.socket is not None

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.secret
        for each in (*self.requests, *(self.scope.requests or () if self.scope is not None else ())):
            yield from each.texts()
        if self.socket is not None:
            yield from self.socket.texts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """Which other origins may use the application in a browser (the CORS protocol of the Fetch standard)."""

    name: str = field(metadata=key(leaves.CORS_NAME, "The name of these rules, unique."))
    paths: tuple[str, ...] = field(
        metadata=key(
            Several(leaves.TEMPLATED_URL, "an array of paths or whole URLs, at least one", empty=False),
            "Where they hold; a whole URL is one of another service, as in `{accounts.url}/token`.",
        )
    )
    origins: tuple[str, ...] = field(
        metadata=key(_ORIGINS, 'Origins that are allowed; `["*"]`: any, `[]`: none.'),
    )
    foreign: tuple[str, ...] = field(
        default=(),
        metadata=key(
            _ORIGINS,
            "Further origins that are not allowed; a stranger, one that begins as an allowed one and `null` never are.",
        ),
    )
    methods: tuple[str, ...] = field(
        default=("GET",),
        metadata=key(
            Several(METHOD, "an array of methods, at least one", empty=False),
            "Methods which allowed origins may use; of GET the answer itself is judged as well.",
        ),
    )
    allow_headers: tuple[str, ...] = field(
        default=(),
        metadata=key(Several(HEADER, "an array of names"), "Headers which allowed origins may send."),
    )
    credentials: bool = field(
        default=False, metadata=key(leaves.FLAG, "Whether allowed origins may send cookies and the like.")
    )
    journey: str | None = field(
        default=None, metadata=key(leaves.reference("journey"), "The journey of whoever asks, where one is needed.")
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(leaves.TEMPLATED_TEXTS, "Headers of the request itself; templates allowed, as in that journey."),
    )
    socket: SocketClient | None = field(
        default=None,
        metadata=key(
            CLIENT,
            "A WebSocket which allowed origins alone may have: browsers let any page ask for one (RFC 6455, 10.2).",
        ),
    )

    @property
    def open(self) -> bool:
        """Whether any origin is allowed."""
        return ANY in self.origins

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from (*self.paths, *self.headers.values())
        if self.socket is not None:
            yield from self.socket.texts()
