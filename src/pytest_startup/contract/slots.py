"""What a field of a contract's dataclass says of the keys of its table: the one description that there is.

`field(metadata=key(KIND, "what it means"))` is one key; `field(metadata=choice(...))` is one value which may
come from several keys. The default of the field is the default of the key. The reader, the JSON Schema and
the reference page all come from there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pytest_startup.contract.kinds import Kind, Schema
from pytest_startup.contract.reading import Spot, listed


class Missing(Enum):
    """Nothing: neither a value nor None."""

    MISSING = "missing"


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a table: its name, what may stand there, what it means, its default or `MISSING`."""

    name: str
    kind: Kind[Any]
    doc: str
    default: Any = MISSING

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return itself: a slot with a single key."""
        return (self,)

    def read(self, raw: Mapping[str, object], spot: Spot) -> object:
        """Return the value, `MISSING` when the key is not there, or None after noting the mistakes."""
        if self.name in raw:
            return self.kind.read(raw[self.name], spot / self.name)
        if self.default is MISSING:
            here = spot / self.name
            here.wrong(f"is missing; must be {self.kind.words}", fix=f"write {here.assignment(self.kind.example)}")
            return None
        return MISSING

    def rules(self) -> Schema:
        """Return what the schema of the table says beside its properties."""
        return {"required": [self.name]} if self.default is MISSING else {}


@dataclass(frozen=True, slots=True)
class Option:
    """One way to give a value: a leading key, further keys beside it, and how the value is made of theirs."""

    lead: Key
    beside: tuple[Key, ...] = ()
    build: Callable[..., object] = lambda value: value

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return all keys, the leading one first."""
        return (self.lead, *self.beside)

    def read(self, raw: Mapping[str, object], spot: Spot) -> object:
        """Return the value, or None after noting the mistakes."""
        values = [each.read(raw, spot) for each in self.keys]
        if any(value is None for value in values):
            return None
        pairs = zip(self.keys, values, strict=True)
        return self.build(*(each.default if value is MISSING else value for each, value in pairs))


@dataclass(frozen=True, slots=True)
class Choice:
    """A value which must be given in exactly one of several ways."""

    what: str
    options: tuple[Option, ...]

    @property
    def keys(self) -> tuple[Key, ...]:
        """Return the keys of all options, each once: one may stand beside several leading keys."""
        return tuple({each.name: each for option in self.options for each in option.keys}.values())

    @property
    def leads(self) -> str:
        """Return the leading keys, as an enumeration."""
        return listed(option.lead.name for option in self.options)

    def read(self, raw: Mapping[str, object], spot: Spot) -> object:
        """Return the value of the one option which is there, or None after noting the mistakes."""
        there = [option for option in self.options if option.lead.name in raw]
        self._check_beside(raw, spot, there)
        results = [option.read(raw, spot) for option in there]
        if len(there) == 1:
            return results[0]
        found = f"has {listed(option.lead.name for option in there)}"
        first = self.options[0].lead
        fix = "keep one of them" if there else f"write {(spot / first.name).assignment(first.kind.example)}"
        spot.wrong(f"must have exactly one {self.what}, but {found}; allowed: {self.leads}", fix=fix)
        return None

    def rules(self) -> Schema:
        """Return the schema of "exactly one"."""
        rules: Schema = {"oneOf": [{"required": [option.lead.name]} for option in self.options]}
        needed = {o.lead.name: [k.name for k in o.beside if k.default is MISSING] for o in self.options}
        beside = self.beside()
        alone = {name: leads for name, leads in beside.items() if len(leads) == 1}
        dependent = alone | {name: names for name, names in needed.items() if names}
        rules |= {"dependentRequired": dependent} if dependent else {}
        several = {
            name: {"anyOf": [{"required": [lead]} for lead in leads]}
            for name, leads in beside.items()
            if len(leads) > 1
        }
        return rules | ({"dependentSchemas": several} if several else {})

    def beside(self) -> dict[str, list[str]]:
        """Return key -> the leading keys beside which it may stand."""
        found: dict[str, list[str]] = {}
        for option in self.options:
            for each in option.beside:
                found.setdefault(each.name, []).append(option.lead.name)
        return found

    def _check_beside(self, raw: Mapping[str, object], spot: Spot, there: list[Option]) -> None:
        leading = {option.lead.name for option in there}
        for name, leads in self.beside().items():
            if name in raw and not leading.intersection(leads):
                one = len(leads) == 1
                none = "which is not there" if one else "none of which is there"
                problem = f"belongs to {'' if one else 'one of '}{listed(leads)}, {none}"
                (spot / name).wrong(problem, fix="remove it")


Slot = Key | Choice


def key(kind: Kind[Any], doc: str, *, name: str = "") -> dict[str, Any]:
    """Return the metadata of a field which is one key, called like the field unless a `name` is given."""
    return {"slot": Key(name, kind, doc)}


def choice(what: str, *options: Option) -> dict[str, Any]:
    """Return the metadata of a field whose value is given by exactly one of the `options`."""
    return {"slot": Choice(what, options)}


def slots_of(cls: type) -> Iterator[tuple[str, Slot]]:
    """Yield field name and slot of every field of a table which comes from its keys."""
    for each in dataclasses.fields(cls):
        slot = each.metadata.get("slot")
        if isinstance(slot, Key):
            name = each.name if not slot.name else slot.name
            yield each.name, dataclasses.replace(slot, name=name, default=_default(each))
        elif isinstance(slot, Choice):
            yield each.name, slot


def keys_of(cls: type) -> tuple[Key, ...]:
    """Return every key of a table."""
    return tuple(each for _, slot in slots_of(cls) for each in slot.keys)


def _default(each: dataclasses.Field[Any]) -> object:
    if each.default_factory is not dataclasses.MISSING:
        return each.default_factory()
    return MISSING if each.default is dataclasses.MISSING else each.default
