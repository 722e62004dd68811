"""A place: where a value lives in the running application, written as a small Python expression.

`app.state.database`, `app["/mounted"].state.queue`, `lifespan.pool`, `package.module:name`,
`router.queue`, `app.state.factory("u1")`. Only attributes, items with a literal key and calls with
literal arguments: it is parsed here, never evaluated here.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from dataclasses import dataclass, field
from typing import Any, Literal, cast

JsonValue = str | int | float | bool | None | list[Any] | dict[str, Any]
"""What TOML, JSON and the contract's literals have in common."""

Root = Literal["app", "lifespan", "component", "module"]

_MODULE = re.compile(r"\s*([^\W\d]\w*(?:\.[^\W\d]\w*)*)\s*:(?![:=])")
_LONGEST = 1000
_EXAMPLES = 'app.state.x, app["/mounted"].state.x, lifespan.x, package.module:name, app.state.factory()'


class PlaceError(ValueError):
    """A text is not a place; the message says why."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """`.name`."""

    name: str

    def as_json(self) -> list[Any]:
        """Return `["attr", name]`."""
        return ["attr", self.name]


@dataclass(frozen=True, slots=True)
class Item:
    """`[key]`; on the application a string key is the path of a mounted sub-application."""

    key: JsonValue

    def as_json(self) -> list[Any]:
        """Return `["item", key]`."""
        return ["item", self.key]


@dataclass(frozen=True, slots=True)
class Call:
    """`(arguments)`: the result is taken, and awaited when it is awaitable."""

    arguments: tuple[JsonValue, ...] = ()
    keywords: tuple[tuple[str, JsonValue], ...] = ()

    def as_json(self) -> list[Any]:
        """Return `["call", [arguments], {keywords}]`."""
        return ["call", list(self.arguments), dict(self.keywords)]


Step = Attribute | Item | Call


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value lives: a root and the steps from it. The text alone decides equality.

    `name` is the dotted module of a `module` root, the component of a `component` root, else empty.
    """

    text: str
    root: Root = field(compare=False)
    name: str = field(compare=False)
    steps: tuple[Step, ...] = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Place:
        """Parse `text`; raises `PlaceError`."""
        module = _MODULE.match(text)
        expression = text[module.end() :] if module else text
        first, steps = _steps(_expression(expression))
        if module:
            return cls(text, "module", module[1], (Attribute(first), *steps))
        if first in {"app", "lifespan"}:
            return cls(text, cast("Root", first), "", steps)
        return cls(text, "component", first, steps)

    @property
    def assignable(self) -> bool:
        """Whether it ends in an attribute or an item, so that somebody can write it."""
        return bool(self.steps) and not isinstance(self.steps[-1], Call)

    def as_json(self) -> dict[str, Any]:
        """Return what the agent reads: root, module, component and steps as plain lists."""
        return {
            "root": self.root,
            "module": self.name if self.root == "module" else None,
            "component": self.name if self.root == "component" else None,
            "steps": [step.as_json() for step in self.steps],
            "text": self.text,
        }

    def __str__(self) -> str:
        """Return the original text."""
        return self.text


def _expression(text: str) -> ast.expr:
    if len(text) > _LONGEST:
        msg = f"is longer than {_LONGEST} characters"
        raise PlaceError(msg)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        msg = f"is not a place such as {_EXAMPLES}"
        raise PlaceError(msg) from None


def _steps(node: ast.expr) -> tuple[str, tuple[Step, ...]]:
    steps: list[Step] = []
    while not isinstance(node, ast.Name):
        match node:
            case ast.Attribute(value=inner, attr=name):
                steps.append(Attribute(name))
            case ast.Subscript(value=inner, slice=key):
                steps.append(Item(_literal(key)))
            case ast.Call(func=inner):
                steps.append(_call(node))
            case _:
                msg = f"is not a place such as {_EXAMPLES}"
                raise PlaceError(msg)
        node = inner
    return node.id, tuple(reversed(steps))


def _call(node: ast.Call) -> Call:
    if any(keyword.arg is None for keyword in node.keywords):
        msg = "passes ** to a call; only literal arguments are allowed"
        raise PlaceError(msg)
    arguments = tuple(_literal(argument) for argument in node.args)
    return Call(arguments, tuple((str(keyword.arg), _literal(keyword.value)) for keyword in node.keywords))


def _literal(node: ast.expr) -> JsonValue:
    try:
        return _plain(ast.literal_eval(node))
    except (ValueError, TypeError, RecursionError, MemoryError):
        msg = f"uses {_source(node)}, which is not a literal (text, number, true, false, None, list, dict)"
        raise PlaceError(msg) from None


def _plain(value: object) -> JsonValue:
    """Return `value` as JSON would give it back; raises `ValueError` when it cannot."""
    match value:
        case None | bool() | int() | str():
            return value
        case float() if math.isfinite(value):
            return value
        case list() | tuple():
            return [_plain(item) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            return {str(key): _plain(item) for key, item in value.items()}
    raise ValueError(value)


def _source(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except (ValueError, RecursionError):
        return "an expression"
