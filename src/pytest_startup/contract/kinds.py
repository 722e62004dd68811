"""The machinery of kinds: how a value is converted, put into words, and described as JSON Schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from pytest_startup.contract.reading import Spot

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]


class Kind(Protocol[T_co]):
    """How one value is read and described."""

    @property
    def words(self) -> str:
        """What is allowed, after "must be"."""

    @property
    def example(self) -> str:
        """A good value, as TOML text."""

    def read(self, value: object, spot: Spot) -> T_co | None:
        """Return the value converted, or None after noting every mistake at `spot`."""

    def schema(self) -> Schema:
        """Return the JSON Schema of what is allowed."""


class Wrong(ValueError):
    """A value is not what it must be."""

    def __init__(self, *, problem: str | None = None, nearest: str = "", fix: str = "", shown: object = None) -> None:
        """Say what the kind cannot: the `problem`, what may be meant, the `fix`, what to show."""
        super().__init__(problem)
        self.problem = problem
        self.nearest = nearest
        self.fix = fix
        self.shown = shown


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """A single value. `convert` raises `Wrong`; `note` is told of each good value and its spot."""

    words: str
    example: str
    convert: Callable[[object], T]
    json: Schema
    note: Callable[[T, Spot], None] | None = None

    def read(self, value: object, spot: Spot) -> T | None:
        """Return the value converted, or None after noting the mistake."""
        try:
            result = self.convert(value)
        except Wrong as wrong:
            self._note_wrong(wrong, value, spot)
            return None
        if self.note is not None:
            self.note(result, spot)
        return result

    def schema(self) -> Schema:
        """Return the JSON Schema of the value."""
        return self.json

    def _note_wrong(self, wrong: Wrong, value: object, spot: Spot) -> None:
        spot.wrong(
            f"must be {self.words}" if wrong.problem is None else wrong.problem,
            value=value if wrong.shown is None else wrong.shown,
            nearest=wrong.nearest,
            fix=wrong.fix if wrong.fix or wrong.nearest else f"write {spot.assignment(self.example)}",
        )

    def noting(self, note: Callable[[T, Spot], None]) -> Leaf[T]:
        """Return this kind with a `note`."""
        return replace(self, note=note)


@dataclass(frozen=True, slots=True)
class Several(Generic[T]):
    """An array of values of one kind."""

    item: Kind[T]
    words: str
    empty: bool = True

    @property
    def example(self) -> str:
        """An array of one good value."""
        return f"[{self.item.example}]"

    def read(self, value: object, spot: Spot) -> tuple[T, ...] | None:
        """Return all values, or None after noting every mistake in them."""
        if not isinstance(value, list) or not (value or self.empty):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        items = [self.item.read(item, spot / index) for index, item in enumerate(value)]
        good = tuple(item for item in items if item is not None)
        return good if len(good) == len(items) else None

    def schema(self) -> Schema:
        """Return the JSON Schema of the array."""
        return {"type": "array", "items": self.item.schema()} | ({} if self.empty else {"minItems": 1})


@dataclass(frozen=True, slots=True)
class OneOrSeveral(Generic[T]):
    """A value of one kind, or an array of them."""

    item: Kind[T]
    words: str

    @property
    def example(self) -> str:
        """One good value."""
        return self.item.example

    def read(self, value: object, spot: Spot) -> tuple[T, ...] | None:
        """Return all values, or None after noting every mistake in them."""
        if isinstance(value, list):
            return Several(self.item, self.words).read(value, spot)
        found = self.item.read(value, spot)
        return None if found is None else (found,)

    def schema(self) -> Schema:
        """Return the JSON Schema of the value and of the array."""
        return {"anyOf": [self.item.schema(), {"type": "array", "items": self.item.schema()}]}
