"""`[startup]` and `[[phases]]`: what happens in which order, and how it is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pytest_startup.contract import leaves
from pytest_startup.contract.kinds import Several
from pytest_startup.contract.slots import Key, Option, choice, key
from pytest_startup.contract.values import AttributeSignal, LogSignal, Signal, StateSignal, TouchSignal

FORBIDDEN_LOG = (
    r"Traceback \(most recent call last\)",
    r"(Task|Future) exception was never retrieved",
    r"was never awaited",
    r"Task was destroyed but it is pending",
    r"Exception in (ASGI application|callback)",
    r"Exception ignored in",
)
"""What no healthy startup logs, whatever the application."""

_PATTERNS = Several(leaves.PATTERN, "an array of regular expressions")
_PHASES = Several(leaves.reference("phase"), "an array of names of phases")
_DEMANDS = Several(leaves.reference("component", "service"), "an array of names of components and services")
_COMPONENTS = Several(leaves.reference("component"), "an array of names of components")


@dataclass(frozen=True, slots=True, kw_only=True)
class Startup:
    """What holds for the startup as a whole."""

    order: Literal["total", "partial"] = field(
        default="total",
        metadata=key(
            leaves.word("total", "partial"),
            "`total`: phases run in the order in which they are listed; `partial`: only what `after` and `needs` say.",
        ),
    )
    on_failure: Literal["exit", "not-ready"] = field(
        default="exit",
        metadata=key(
            leaves.word("exit", "not-ready"),
            "What becomes of a startup that fails: `exit`: the process ends with an error; `not-ready`: it stays up "
            "and is never ready.",
        ),
    )
    max_seconds: float = field(
        default=30.0, metadata=key(leaves.SECONDS, "Seconds that the startup may take, from spawn to ready.")
    )
    max_block_seconds: float = field(
        default=1.0, metadata=key(leaves.SECONDS, "Seconds that the event loop may stand still at a time.")
    )
    max_mib: float | None = field(
        default=None,
        metadata=key(leaves.MEBIBYTES, "MiB of resident memory that the process may have once it is ready."),
    )
    once: bool | None = field(
        default=None,
        metadata=key(
            leaves.FLAG,
            "Whether a lifespan that begins while another one does so finds everything done; without it, not judged.",
        ),
    )
    repeatable: bool | None = field(
        default=None,
        metadata=key(
            leaves.FLAG,
            "Whether one process can start and shut down several times, and nothing piles up; without it, not judged.",
        ),
    )
    single: bool = field(
        default=False,
        metadata=key(
            leaves.FLAG,
            "Whether one instance serves at a time, and others stand by, not ready: then no two are started at once.",
        ),
    )
    max_growth_mib: float = field(
        default=8.0,
        metadata=key(leaves.MEBIBYTES, "MiB of memory by which each further start and shutdown may grow the process."),
    )
    baseline: Path | None = field(
        default=None,
        metadata=key(
            leaves.PATH,
            "The file in which `--startup-record-baseline` keeps how long startups take, relative to this one; later "
            "ones are compared with it, whatever the speed of the machine.",
        ),
    )
    max_slowdown: float = field(
        default=0.15,
        metadata=key(leaves.SHARE, "By how much of the baseline a startup may become longer."),
    )
    forbidden_log: tuple[str, ...] = field(
        default=FORBIDDEN_LOG,
        metadata=key(
            _PATTERNS,
            "Regular expressions (Python's, searched in each line) of which no line may match any; "
            "they replace the default.",
        ),
    )


SIGNALS = (
    Option(
        Key(
            "callable",
            leaves.CALLABLE,
            "The phase is the time inside this function or method, `module:name`.",
        )
    ),
    Option(
        Key("state", leaves.WRITTEN_PLACE, "The phase is the time while this place holds `value`."),
        (Key("value", leaves.SCALAR, "The value of `state` in this phase."),),
        StateSignal,
    ),
    Option(
        Key("attribute", leaves.WRITTEN_PLACE, "The phase ends when this place appears and is not None."),
        build=AttributeSignal,
    ),
    Option(
        Key("log", leaves.PATTERN, "The phase ends with a line in which this regular expression is found."),
        (Key("log_enter", leaves.PATTERN, "The phase begins with a line in which this one is found.", None),),
        LogSignal,
    ),
    Option(
        Key("touch", leaves.reference("service"), "The phase begins with the first touch of this service."),
        build=TouchSignal,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One step of the startup and the signal by which it is recognised."""

    name: str = field(metadata=key(leaves.PHASE_NAME, "The name of the phase, unique."))
    signal: Signal = field(metadata=choice("signal", *SIGNALS))
    after: tuple[str, ...] = field(
        default=(), metadata=key(_PHASES, "Phases which must be left before this one is entered.")
    )
    needs: tuple[str, ...] = field(
        default=(),
        metadata=key(
            _DEMANDS,
            "Components and services that it uses; a name which is both means both. "
            "The phases which provide them must come before.",
        ),
    )
    provides: tuple[str, ...] = field(default=(), metadata=key(_COMPONENTS, "Components which exist once it is left."))
    max_seconds: float | None = field(
        default=None, metadata=key(leaves.SECONDS, "Seconds that it may take; without it, any.")
    )
    max_mib: float | None = field(
        default=None,
        metadata=key(leaves.MEBIBYTES, "MiB of resident memory by which the process may grow in it; without it, any."),
    )
    once: bool | None = field(
        default=None,
        metadata=key(leaves.FLAG, "Whether two calls at the same time do its work once; without it, not judged."),
    )
