"""A row of a table whose layer boots for each test: it names the few tests that are run, and which of them fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """What is run against a fault: tests that fail, and tests that pass; and what it changes in the contract."""

    fails: frozenset[str]
    passes: frozenset[str] = frozenset()
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def options(self) -> list[str]:
        """The options by which only these tests are run."""
        words = [" and ".join(re.findall(r"[][\w.-]+", test)) for test in sorted(self.fails | self.passes)]
        return ["-k", " or ".join(words)]


def row(*fails: str, passes: tuple[str, ...] = (), changes: Mapping[str, object] | None = None) -> Row:
    """Return a row of the table."""
    return Row(frozenset(fails), frozenset(passes), changes or {})


def faults(layer: str, rows: Mapping[str, Row]) -> Mapping[str, frozenset[str]]:
    """Return fault, by its name below tests/faults -> tests of the layer that fail."""
    return {f"{layer}.{name}": each.fails for name, each in rows.items() if each.fails}
