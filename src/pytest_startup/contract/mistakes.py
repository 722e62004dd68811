"""What is wrong with a contract: every mistake at once, each with its place, its value and its fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_startup.errors import StartupError


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One mistake. `value`, `nearest` and `fix` are already in words; empty ones are left out."""

    source: str
    line: int | None
    key: str
    value: str = ""
    problem: str
    nearest: str = ""
    fix: str = ""

    @property
    def where(self) -> str:
        """Where it is: `file:line`, as far as both are known."""
        if self.line is None:
            return self.source
        return f"{self.source}:{self.line}" if self.source else f"line {self.line}"

    def __str__(self) -> str:
        """Say it in one line: file:line: key = value: what is allowed (nearest: name); the fix."""
        what = " = ".join(part for part in (self.key, self.value) if part)
        nearest = f" (nearest: {self.nearest})" if self.nearest else ""
        fix = f"; {self.fix}" if self.fix else ""
        return ": ".join(part for part in (self.where, what, self.problem) if part) + nearest + fix


class ContractError(StartupError):
    """A contract has mistakes; `mistakes` holds all of them, in the order of their lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        """Keep all `mistakes`."""
        super().__init__(mistakes)
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        """Say how many there are, then one line for each."""
        count = len(self.mistakes)
        head = "the contract has a mistake:" if count == 1 else f"the contract has {count} mistakes:"
        return "\n".join([head, *(f"  {mistake}" for mistake in self.mistakes)])
