"""How whole tables become objects: unknown keys, required ones, short forms, and tables of named tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from pytest_startup.contract.kinds import Schema
from pytest_startup.contract.reading import Spot, listed, nearest_of
from pytest_startup.contract.slots import MISSING, Choice, Key, keys_of, slots_of

T = TypeVar("T")


def check_keys(raw: Mapping[str, object], spot: Spot, allowed: tuple[Key, ...]) -> None:
    """Note a mistake for every key which the table does not have."""
    names = [each.name for each in allowed]
    for name in raw:
        if name not in names:
            nearest = nearest_of(name, names)
            fix = f"rename it to {nearest}" if nearest else "remove it"
            (spot / name).wrong(f"is not a key of this table; allowed: {listed(names)}", fix=fix)


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A table which becomes a `cls`; a text stands for a table with only its `short` key, false for `off`."""

    cls: type[T]
    words: str
    example: str
    short: str = ""
    off: T | None = None

    def read(self, value: object, spot: Spot, **given: object) -> Any:  # noqa: ANN401 - T, or the type of `off`
        """Return the object, or None after noting every mistake."""
        if value is False and self.off is not None:
            return self.off
        if isinstance(value, str) and self.short:
            return self._short(value, spot, given)
        if not isinstance(value, dict):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        check_keys(value, spot, keys_of(self.cls))
        return self._build({name: slot.read(value, spot) for name, slot in slots_of(self.cls)}, given)

    def _short(self, value: str, spot: Spot, given: Mapping[str, object]) -> T | None:
        fields = {name: slot for name, slot in slots_of(self.cls) if isinstance(slot, Key) and slot.name == self.short}
        return self._build({name: slot.kind.read(value, spot) for name, slot in fields.items()}, given)

    def _build(self, values: Mapping[str, object], given: Mapping[str, object]) -> T | None:
        if any(value is None for value in values.values()):
            return None
        there = {name: value for name, value in values.items() if value is not MISSING}
        return self.cls(**there, **given)

    def schema(self) -> Schema:
        """Return the JSON Schema of the table, and of what may stand for it."""
        table = table_schema(keys_of(self.cls), [slot.rules() for _, slot in slots_of(self.cls)])
        short = [each.kind.schema() for each in keys_of(self.cls) if each.name == self.short]
        forms = [*short, *([] if self.off is None else [{"const": False}]), table]
        return table if len(forms) == 1 else {"anyOf": forms}


def table_schema(keys: tuple[Key, ...], rules: list[Schema]) -> Schema:
    """Return the JSON Schema of a table with these keys and rules."""
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {each.name: _described(each) for each in keys},
    }
    required = [name for rule in rules for name in rule.get("required", [])]
    schema |= {"required": required} if required else {}
    for rule in rules:
        schema |= {name: value for name, value in rule.items() if name != "required"}
    return schema


def _described(each: Key) -> Schema:
    default = default_of(each)
    return each.kind.schema() | {"description": each.doc} | ({} if default is None else {"default": default})


def default_of(each: Key) -> object:
    """Return the default of a key as TOML would have it; None when it has no such form, or there is none."""
    match each.default:
        case bool() | int() | float() | str() | dict():
            return each.default
        case Path():
            return str(each.default)
        case tuple():
            return {} if each.kind.schema().get("type") == "object" else list(each.default)
    return None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A table which is nothing but a choice."""

    choice: Choice
    words: str
    example: str

    def read(self, value: object, spot: Spot) -> Any:  # noqa: ANN401 - the type of the option
        """Return the value of the option, or None after noting every mistake."""
        if not isinstance(value, dict):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        check_keys(value, spot, self.choice.keys)
        return self.choice.read(value, spot)

    def schema(self) -> Schema:
        """Return the JSON Schema of the table."""
        return table_schema(self.choice.keys, [self.choice.rules()])


@dataclass(frozen=True, slots=True)
class Named(Generic[T]):
    """A table of tables, each of which becomes an object with its name; every name is declared as a `sort`.

    `pattern` is what a JSON Schema can say of a name, `problem` says all that is wrong with it. `prepare` fills in
    what follows from a name; for the names `implying` it, no key is required.
    """

    table: Table[T]
    sort: str
    pattern: str
    problem: Callable[[str], str]
    prepare: Callable[[str, Mapping[str, object]], Mapping[str, object]] = lambda _, value: value
    implying: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Say what is allowed."""
        return f"a table with a key for each {self.sort}"

    @property
    def example(self) -> str:
        """Return a table with one good entry."""
        return f"{{ name = {self.table.example} }}"

    def read(self, value: object, spot: Spot) -> tuple[T, ...] | None:
        """Return the objects in their order, or None after noting every mistake."""
        if not isinstance(value, dict):
            spot.wrong(f"must be {self.words}", value=value, fix=f"write {spot.assignment(self.example)}")
            return None
        items = [self._one(name, item, spot / name) for name, item in value.items()]
        good = tuple(item for item in items if item is not None)
        return good if len(good) == len(items) else None

    def _one(self, name: str, value: object, spot: Spot) -> T | None:
        spot.declare(self.sort, name)
        problem = self.problem(name)
        if problem:
            spot.wrong(problem, fix="give it another name")
        table = self.prepare(name, value) if isinstance(value, dict) else value
        return cast("T | None", self.table.read(table, spot, name=name))

    def schema(self) -> Schema:
        """Return the JSON Schema of the table."""
        item = self.table.schema()
        schema: Schema = {"type": "object", "propertyNames": {"pattern": self.pattern}}
        if not self.implying:
            return schema | {"additionalProperties": item}
        others = f"^(?!({'|'.join(self.implying)})$)"
        required = {"patternProperties": {others: {"required": item.pop("required")}}}
        return schema | {"additionalProperties": item, "allOf": [required]}
