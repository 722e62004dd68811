"""`[[journeys]]`: what a user does over HTTP, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from pytest_startup.contract import leaves
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.slots import Key, Option, choice, key
from pytest_startup.contract.tables import Table

METHODS = ("get", "post", "put", "patch", "delete")
NONCE = "nonce"
"""The template which stands for a text that nobody has ever seen."""


@dataclass(frozen=True, slots=True)
class Request:
    """A method, in capitals, and where to: a path of the application or a whole URL, templates not expanded yet."""

    method: str
    url: str

    def __str__(self) -> str:
        """Return it as in the first line of a request."""
        return f"{self.method} {self.url}"


def _option(method: str) -> Option:
    lead = Key(method, leaves.TEMPLATED_URL, f"{method.upper()} this path, or whole URL; templates allowed.")
    return Option(lead, build=partial(Request, method.upper()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request, what must be answered, and what of the answer is kept for later steps."""

    request: Request = field(metadata=choice("method", *map(_option, METHODS)))
    json: Mapping[str, JsonValue] | None = field(
        default=None, hash=False, metadata=key(leaves.TEMPLATED_JSON, "The body, as JSON; templates allowed in texts.")
    )
    form: Mapping[str, str] | None = field(
        default=None, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "The body, as a form; templates allowed.")
    )
    headers: Mapping[str, str] = field(
        default_factory=dict, hash=False, metadata=key(leaves.TEMPLATED_TEXTS, "Headers; templates allowed.")
    )
    status: tuple[int, ...] = field(
        default=(), metadata=key(leaves.STATUSES, "The status of the answer, or several; empty: any from 200 to 299.")
    )
    capture: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            leaves.CAPTURES,
            "Name -> dotted path in the JSON of the answer: later steps have the value as `{name}`, quoted where it "
            "is a part of a URL. A value of 20 characters or more is masked in every report, unless it is a UUID; one "
            "whose name is that of a secret (`token`, `session`) always is.",
        ),
    )
    max_seconds: float = field(default=5.0, metadata=key(leaves.SECONDS, "Seconds that the answer may take."))

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield self.request.url
        yield from self.headers.values()
        yield from texts_of(self.json)
        yield from (self.form or {}).values()


STEPS = Several(
    Table(Step, "a table", '{ post = "/login", json = { name = "user" } }'),
    "an array of tables, at least one",
    empty=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Disturbance:
    """What happens while the application starts: as soon as a phase is entered, which waits until it is done."""

    phase: str = field(
        metadata=key(
            leaves.reference("phase"),
            "The phase in which it happens. One that is known only once it is over (by a touch, or by one line) cannot "
            "wait for it.",
        )
    )
    steps: tuple[Step, ...] = field(metadata=key(STEPS, "What is done; the same keys as in the steps of a journey."))


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """What a user does, step by step; with a disturbance, in a boot of its own."""

    name: str = field(metadata=key(leaves.JOURNEY_NAME, "The name of the journey, unique."))
    steps: tuple[Step, ...] = field(
        metadata=key(
            STEPS,
            "What is done, in this order. Cookies are kept, redirects are not followed. `{nonce}` is another text in "
            "every walk; what earlier steps captured is there by its name.",
        )
    )
    disturbance: Disturbance | None = field(
        default=None,
        metadata=key(
            Table(Disturbance, "a table", '{ phase = "name", steps = [{ post = "{accounts.url}/rotate" }] }'),
            "What is done to the system while the application starts.",
        ),
    )

    @property
    def captured(self) -> tuple[str, ...]:
        """The names which a walk leaves behind."""
        return tuple(name for step in self.steps for name in step.capture)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        disturbing = self.disturbance.steps if self.disturbance is not None else ()
        for step in (*self.steps, *disturbing):
            yield from step.texts()
