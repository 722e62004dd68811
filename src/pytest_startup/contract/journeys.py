"""`[[journeys]]`: what a user does, step by step, and where it must show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_startup.contract import leaves
from pytest_startup.contract.actions import ACTIONS, ASKS, BEHIND, Action, Call, Query, Turn
from pytest_startup.contract.captures import CAPTURES
from pytest_startup.contract.conversions import texts_of
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.places import JsonValue
from pytest_startup.contract.slots import key
from pytest_startup.contract.tables import Table
from pytest_startup.contract.values import Command, Target, Url

NONCE = "nonce"
"""The template which stands for a text that nobody has ever seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that is done, what must come of it, and what of that is kept for later steps."""

    action: Action = field(metadata=ACTIONS)
    gives: JsonValue = field(
        default=None,
        hash=False,
        metadata=key(
            leaves.TEMPLATED_VALUE,
            "What must come of it: the JSON of an answer, what a call returns, the first value of the first row (an "
            "array: the first row; an array of arrays: all rows), what Redis says, the frame which came. Of a table, "
            "at least these keys. Templates allowed in texts. What is asked (`call`, `sql`, `redis`, `hears`) is asked "
            "again until it is so, or `max_seconds` are over.",
        ),
    )
    nothing: bool = field(
        default=False,
        metadata=key(leaves.FLAG, "Whether nothing must come of it: None, no row, a key that is not there."),
    )
    capture: Mapping[str, str] = field(
        default_factory=dict,
        hash=False,
        metadata=key(
            CAPTURES,
            "Name -> dotted path in the JSON of the answer, of the frame which came, or in what a call returns, or the "
            "name of a column. Of a request also `cookie:NAME` (as it is kept after the answer), `header:NAME`, and of "
            "a page `input:NAME` (the value of its first `<input>` of this name) and `meta:NAME` (the content). Later "
            "steps have the value as `{name}`, quoted where it is a part of a URL. A value of 20 characters or more "
            "is masked in every report, unless it is a UUID; one whose name is that of a secret (`token`, `session`) "
            "always is.",
        ),
    )
    max_seconds: float = field(
        default=5.0,
        metadata=key(leaves.SECONDS, "Seconds that the answer may take; what must come of it may take as long."),
    )

    @property
    def asks_again(self) -> bool:
        """Whether it is a question, which may be asked again until its answer is right; else it is done once."""
        rows = isinstance(self.action, Query) and self.action.rows is not None
        wanted = self.gives is not None or self.nothing or bool(self.capture) or rows
        return wanted and isinstance(self.action, ASKS)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        yield from self.action.texts()
        yield from texts_of(self.gives)


def unseen(steps: Sequence[Step], app: Target | Command | Url) -> str:
    """Return why an application that is started so cannot be asked all of this; empty when it can."""
    for number, step in enumerate(steps, 1):
        if isinstance(step.action, Call) and not isinstance(app, Target):
            return f"step {number} calls {step.action}, and nothing can be called within an application so started"
        if isinstance(app, Url) and isinstance(step.action, BEHIND):
            return f"step {number} asks a service of ours, and an application that is up already has its own"
    return ""


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
    sticky: bool = field(
        default=False,
        metadata=key(
            leaves.FLAG,
            "Whether whoever makes it stays with one instance, where there are two (sticky sessions); else each step "
            "is made at the other one.",
        ),
    )
    disturbance: Disturbance | None = field(
        default=None,
        metadata=key(
            Table(Disturbance, "a table", '{ phase = "name", steps = [{ post = "{accounts.url}/rotate" }] }'),
            "What is done to the system while the application starts.",
        ),
    )

    @property
    def chats(self) -> bool:
        """Whether a turn of the chat is among its steps."""
        return any(isinstance(step.action, Turn) for step in self.steps)

    @property
    def captured(self) -> tuple[str, ...]:
        """The names which a walk leaves behind."""
        return tuple(name for step in self.steps for name in step.capture)

    def texts(self) -> Iterator[str]:
        """Yield every text in which templates may stand."""
        disturbing = self.disturbance.steps if self.disturbance is not None else ()
        for step in (*self.steps, *disturbing):
            yield from step.texts()
