"""The `judge` of a test: it runs a check on a trace, books what was executed, and ends the test accordingly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

import pytest

from pytest_startup.findings import Finding, NotCovered, Verdict
from pytest_startup.report.failure import Again, Failure
from pytest_startup.report.judged import Judged, NoneDeclared, Subject, Word

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_startup.contract.model import Contract
    from pytest_startup.trace import Trace


class Check(Protocol):
    """A pure function which judges a trace."""

    def __call__(self, trace: Trace, contract: Contract, subject: Any, /) -> Verdict:  # noqa: ANN401 (a `Subject`)
        """Return findings (none: passed), or why nothing could be judged."""
        ...


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges boots for one test.

    `shared` gives the trace which read-only tests share, `saved` the path under which a trace can be found again.
    """

    item: pytest.Item
    contract: Contract
    shared: Callable[[], Trace]
    saved: Callable[[Trace, str], Path | None]
    again: Callable[[pytest.Item, Path | None], Again]

    def __call__(self, check: Check, subject: Subject = "", *, trace: Trace | None = None) -> None:
        """Judge `subject` with `check`: return when it passes, else end the test as failed or as not covered."""
        __tracebackhide__ = True
        params = getattr(getattr(self.item, "callspec", None), "params", {}).values()
        for missing in (each for each in (subject, *params) if isinstance(each, NoneDeclared)):
            self._not_covered(check, "", str(missing))  # so no boot is needed to say so
        boot = self.shared() if trace is None else trace
        verdict = check(boot, self.contract, subject)
        path = self.saved(boot, self.item.name)
        if isinstance(verdict, NotCovered):
            self._not_covered(check, _words(subject), verdict.reason, path)
        self._book(check, _words(subject), "failed" if verdict else "passed", _brief(verdict), path)
        if verdict:
            again = self.again(self.item, path)
            failure = Failure(rows=self._rows(), findings=tuple(verdict), trace=boot, again=again)
            pytest.fail(failure.text(), pytrace=False)

    def _not_covered(self, check: Check, subject: str, reason: str, path: Path | None = None) -> NoReturn:
        self._book(check, subject, "not covered", (reason,), path)
        pytest.skip(f"not covered: {reason}")

    def _book(self, check: Check, subject: str, verdict: Word, reasons: tuple[str, ...], path: Path | None) -> None:
        record = Judged(
            check=getattr(check, "__name__", type(check).__name__),
            subject=subject,
            verdict=verdict,
            reasons=reasons,
            trace=str(path or ""),
        )
        self.item.user_properties.extend(record.properties())

    def _rows(self) -> tuple[str, ...]:
        return tuple(str(row) for mark in self.item.iter_markers("row") for row in mark.args)


def _words(subject: Subject) -> str:
    return " before ".join(subject) if isinstance(subject, tuple) else str(subject)


def _brief(findings: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(f"{finding.subject}: {finding.observed}" for finding in findings)
