"""A row of a table whose layer boots for each test: it names the few tests that are run, and which of them fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pytest_startup.collect import HOME

SUITES = Path(__file__).parents[2] / "suites"


@dataclass(frozen=True, slots=True)
class Row:
    """What is run against a fault: tests that fail, and tests that pass; and what it changes in the contract."""

    fails: frozenset[str]
    passes: frozenset[str] = frozenset()
    changes: Mapping[str, object] = field(default_factory=dict)

    @property
    def options(self) -> list[str]:
        """The options by which only these tests are run, out of the modules in which they are."""
        tests = sorted(self.fails | self.passes)
        words = [" and ".join(re.findall(r"[][\w.-]+", test)) for test in tests]
        named = {test.partition("[")[0] for test in tests}
        return [*(f"{HOME}/{module}" for module, own in _modules().items() if named & own), "-k", " or ".join(words)]


@cache
def _modules() -> Mapping[str, set[str]]:
    """Return module of the suites -> the names of its tests."""
    texts = {path: path.read_text(encoding="utf-8") for path in SUITES.rglob("test_*.py")}
    return {
        path.relative_to(SUITES).as_posix(): set(re.findall(r"def (test_\w+)", text)) for path, text in texts.items()
    }


def row(*fails: str, passes: tuple[str, ...] = (), changes: Mapping[str, object] | None = None) -> Row:
    """Return a row of the table."""
    return Row(frozenset(fails), frozenset(passes), changes or {})


def faults(layer: str, rows: Mapping[str, Row]) -> Mapping[str, frozenset[str]]:
    """Return fault, by its name below tests/faults -> tests of the layer that fail."""
    return {f"{layer}.{name}": each.fails for name, each in rows.items() if each.fails}
