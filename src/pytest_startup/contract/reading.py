"""One reading of a contract: where each key stands, what was declared, referred to, and mistaken."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_startup.contract.lines import KeyPath
from pytest_startup.contract.mistakes import ContractError, Mistake
from pytest_startup.contract.places import Place
from pytest_startup.contract.templates import Reference

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_LONGEST_SHOWN = 60


@dataclass(slots=True)
class Reading:
    """What was met while a contract was read; `source` is how its file is named in a mistake.

    `declared` is sort -> name -> where; `referred` are names and the sorts that they may be of; `begun` are
    places which begin at a component; `templates` are references in texts.
    """

    source: str = ""
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    declared: dict[str, dict[str, Spot]] = field(default_factory=dict)
    referred: list[tuple[Spot, str, tuple[str, ...]]] = field(default_factory=list)
    begun: list[tuple[Spot, Place]] = field(default_factory=list)
    templates: list[tuple[Spot, Reference]] = field(default_factory=list)

    def names(self, *sorts: str) -> list[str]:
        """Return the declared names of these sorts (phase, component, service)."""
        return [name for sort in sorts for name in self.declared.get(sort, {})]

    def line(self, path: KeyPath) -> int | None:
        """Return the line of the key at `path`, else of the nearest key around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def check(self) -> None:
        """Raise `ContractError` when there was any mistake."""
        if self.mistakes:
            last = max(self.lines.values(), default=0) + 1
            raise ContractError(sorted(self.mistakes, key=lambda each: last if each.line is None else each.line))


@dataclass(frozen=True, slots=True)
class Spot:
    """One key of a contract that is being read; with `is_key` it is the key itself which may be wrong."""

    reading: Reading
    path: KeyPath = ()
    is_key: bool = False

    def __truediv__(self, step: str | int) -> Spot:
        """Return the spot of a key, or an index, within this one."""
        return Spot(self.reading, (*self.path, step))

    def __str__(self) -> str:
        """Return the key as TOML would write it, indexes in brackets."""
        return show_path(self.path)

    def wrong(self, problem: str, *, value: object = None, nearest: str = "", fix: str = "") -> None:
        """Note a mistake; the nearest allowed value, when there is one, makes the fix."""
        self.reading.mistakes.append(
            Mistake(
                source=self.reading.source,
                line=self.reading.line(self.path),
                key=str(self),
                value="" if value is None or self.is_key else show(value),
                problem=problem,
                nearest=nearest,
                fix=f"write {self.assignment(show(nearest))}" if nearest and not fix else fix,
            )
        )

    def assignment(self, value: str) -> str:
        """Return `key = value`, or the value alone when there is no key for it; `value` is TOML text."""
        last = self.path[-1] if self.path else ""
        return f"{show_path((last,))} = {value}" if isinstance(last, str) and not self.is_key else value

    def declare(self, sort: str, name: str) -> None:
        """Note that a phase, component or service of this name is declared here."""
        first = self.reading.declared.setdefault(sort, {}).setdefault(name, self)
        if first is not self:
            line = self.reading.line(first.path)
            there = "" if line is None else f" in line {line}"
            self.wrong(f"is the name of another {sort} already{there}", value=name, fix="give each its own name")

    def refer(self, name: str, *sorts: str) -> None:
        """Note that `name` must be declared, as one of these sorts."""
        self.reading.referred.append((self, name, sorts))


def show(value: object) -> str:
    """Return a value as TOML would write it, on one line, shortened."""
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = json.dumps(value, ensure_ascii=not value.isprintable())
        case dict():
            text = "a table"
        case list():
            text = f"[{', '.join(show(item) for item in value[:10])}]"
        case int() if abs(value) > 10**20:
            text = "a very large number"
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."


def show_path(path: KeyPath) -> str:
    """Return a key path as TOML would write it, indexes in brackets."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            plain = step if _BARE_KEY.fullmatch(step) else show(step)
            text += f".{plain}" if text else plain
    return text


def listed(names: Iterable[str], empty: str = "none") -> str:
    """Return names as an enumeration."""
    return ", ".join(names) or empty


def nearest_of(value: object, among: Iterable[str]) -> str:
    """Return the name which `value` was probably meant to be, or an empty text."""
    if not isinstance(value, str):
        return ""
    close = difflib.get_close_matches(value, list(among))
    swapped = [name for name in close if sorted(name) == sorted(value)]
    return next(iter([*swapped, *close]), "")
