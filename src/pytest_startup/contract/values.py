"""The small values of a contract: how the application is started, and how a phase is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_startup.contract.places import JsonValue, Place


@dataclass(frozen=True, slots=True)
class Target:
    """An ASGI application `module:attribute`, or with `factory` a callable which returns one."""

    module: str
    attribute: str
    factory: bool = False

    def __str__(self) -> str:
        """Return `module:attribute`."""
        return f"{self.module}:{self.attribute}"


@dataclass(frozen=True, slots=True)
class Command:
    """A whole command line which starts the server; templates are not expanded yet."""

    argv: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Url:
    """An application which is already up: nothing is spawned."""

    url: str


@dataclass(frozen=True, slots=True)
class CallableSignal:
    """The phase is the time inside `module:qualname` (a function, or a method as `Class.method`)."""

    module: str
    qualname: str

    def __str__(self) -> str:
        """Return `module:qualname`."""
        return f"{self.module}:{self.qualname}"


@dataclass(frozen=True, slots=True)
class StateSignal:
    """The phase is the time while `place` holds `value`."""

    place: Place
    value: str | int | float | bool


@dataclass(frozen=True, slots=True)
class AttributeSignal:
    """The phase ends when `place` appears, that is, holds anything but None."""

    place: Place


@dataclass(frozen=True, slots=True)
class LogSignal:
    """The phase ends with a line in which `pattern` is found, and begins with one in which `enter` is."""

    pattern: str
    enter: str | None = None


@dataclass(frozen=True, slots=True)
class TouchSignal:
    """The phase begins with the first touch of a service."""

    service: str


Signal = CallableSignal | StateSignal | AttributeSignal | LogSignal | TouchSignal


@dataclass(frozen=True, slots=True)
class TextReply:
    """The LLM stub says `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolReply:
    """The LLM stub calls `tool` with `arguments`."""

    tool: str
    arguments: Mapping[str, JsonValue] = field(default_factory=dict, hash=False)
