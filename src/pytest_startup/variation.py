"""What is done to a boot on purpose: the faults of a variation, and the seed of its order.

A variation is chosen by a test and recorded in the trace, so that a check knows what the application went through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ExerciseKind = Literal[
    "chat",
    "use",
    "grace",
    "journey",
    "outage",
    "schema",
    "pace",
    "crowd",
    "security",
    "model",
    "sockets",
    "reconnect",
    "heartbeats",
    "broadcasts",
    "upgrading",
]
StartFaultKind = Literal["twice", "port-taken", "port-raced"]
PhaseFaultKind = Literal["raises", "hangs", "slow", "half-done", "twice"]
ServiceFaultKind = Literal[
    "absent",
    "silent",
    "late",
    "slow",
    "resets",
    "cut",
    "breaks",
    "wrong-credentials",
    "falters",
    "dies",
    "returns",
    "stalls",
]


WHILE_UP = ("dies", "returns", "stalls")
"""Faults which take a service away from an application that is ready."""


@dataclass(frozen=True, slots=True)
class PhaseFault:
    """One phase goes wrong.

    `raises` at its beginning; `hangs` there for ever; is `slow` by `seconds`; is `half-done`: what it provides is None
    afterwards; runs `twice` at once.
    """

    phase: str
    kind: PhaseFaultKind
    seconds: float = 0.0

    @property
    def subject(self) -> str:
        """Whom it strikes: the phase."""
        return self.phase

    def __str__(self) -> str:
        """Return `phase:kind`, as in the id of a test."""
        return f"{self.phase}:{self.kind}"


@dataclass(frozen=True, slots=True)
class ServiceFault:
    """One service goes wrong, as the application sees it through its tap.

    From the beginning: `absent` (refuses connections), `silent` (accepts and never answers), `late` (absent until
    `seconds` after the application first looked for it), `slow` (every answer `seconds` later), `resets` (every
    connection), `cut` (connections end in mid-reply), `breaks` (the one and the other in turn), `wrong-credentials`
    (never felt where there is no password), `falters` (a bit of everything, by a seed: `Variation.chaos`).
    Once the application is ready: `dies` (watched for at most `seconds`, 0: as long as is usual), or `returns` when it
    has been watched so, and is gone again at the end; or `stalls`: it accepts connections and says nothing, on those
    that there are neither, until it goes on.
    """

    service: str
    kind: ServiceFaultKind
    seconds: float = 0.0

    @property
    def subject(self) -> str:
        """Whom it strikes: the service."""
        return self.service

    def __str__(self) -> str:
        """Return `service:kind`, as in the id of a test."""
        return f"{self.service}:{self.kind}"


@dataclass(frozen=True, slots=True)
class StartFault:
    """The start as a whole goes wrong.

    The lifespan begins `twice` at once; its port is taken (`port-taken`); a second instance, with services of its own,
    starts at the same moment for the same port (`port-raced`).
    """

    kind: StartFaultKind

    @property
    def subject(self) -> str:
        """Whom it strikes."""
        return "startup"

    @property
    def seconds(self) -> float:
        """No time belongs to it."""
        return 0.0

    def __str__(self) -> str:
        """Return `startup:kind`, as in the id of a test."""
        return f"{self.subject}:{self.kind}"


Fault = PhaseFault | ServiceFault | StartFault


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is done with an application beyond watching it.

    `chat`: somebody takes a turn of the chat; so they do at the end of an ordinary boot, too. `use`: traffic is offered
    at every phase boundary, and all that the contract says how to use is used once it is ready. `outage`: users ask on
    while a service is in trouble, and use it all once that is over. `grace`: time is moved over the end of the grace
    period `name`. `journey`: the journey `name` is walked, whose disturbance happens while the application starts.
    `schema`: the tables of the database `name` are looked at; then it boots once more on those of a later release.
    `pace`: it is started again and again, with nothing beside it, to see how long that takes. `crowd`: many users at
    once, from the first moment on. `security`: it is tried to get in where one should be kept out. `model`: the
    language model `name` fails in every way, one after the other. `reconnect`: users lose their connections, and come
    back. `sockets`: all that a client can do with the WebSocket is done, by several users, good and bad.
    `heartbeats`: somebody who is dead is found by them. `broadcasts`: all get what is put in, also while it restarts.
    `upgrading`: many sockets are asked for in one moment.
    """

    kind: ExerciseKind
    name: str = ""

    @property
    def is_crowded(self) -> bool:
        """Whether many come at one moment, and keep the machine busy."""
        return self.kind in ("crowd", "upgrading", "reconnect")

    def __str__(self) -> str:
        """Return `kind` or `kind:name`, as in the id of a test."""
        return f"{self.kind}:{self.name}" if self.name else self.kind


@dataclass(frozen=True, slots=True)
class Variation:
    """How one boot differs from the ordinary one.

    `seed` shuffles what the event loop has ready in each turn. With `again`, an ordinary boot on the same services
    follows as soon as this one has ended, and that is the one which is recorded. `lifespans` is how many the process
    goes through, one after the other; the last one serves. With `pair`, a second instance starts at the same moment on
    the same services. `chaos` is the seed by which every service that may falter does so while the application starts.
    In a `profile` of the contract it is run as that says.
    """

    faults: tuple[Fault, ...] = ()
    seed: int | None = None
    exercise: Exercise | None = None
    again: bool = False
    lifespans: int = 1
    pair: bool = False
    chaos: int | None = None
    profile: str = ""

    @property
    def alone(self) -> bool:
        """Whether no other boot may go on at the same time: time is taken."""
        return self.exercise is not None and self.exercise.kind == "pace"

    @property
    def needs_all_cores(self) -> bool:
        """Whether nothing may be imported beside it: what many users wait for would be this machine, not their turn."""
        return self.exercise is not None and self.exercise.is_crowded

    def __str__(self) -> str:
        """Return everything in one word, as in the id of a test."""
        parts = list(map(str, self.faults))
        parts += [f"seed={self.seed}"] if self.seed is not None else []
        parts += [str(self.exercise)] if self.exercise is not None else []
        parts += ["again"] if self.again else []
        parts += [f"lifespans={self.lifespans}"] if self.lifespans > 1 else []
        parts += ["pair"] if self.pair else []
        parts += [f"chaos={self.chaos}"] if self.chaos is not None else []
        parts += [f"profile={self.profile}"] if self.profile else []
        return "+".join(parts) or "plain"


PLAIN = Variation()
"""The ordinary boot."""
