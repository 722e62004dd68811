"""The words on the terminal: header, progress of a boot, summary; and the results that machines read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import pytest

from pytest_startup.contract.values import Command, Url
from pytest_startup.events.edge import Probed
from pytest_startup.events.inside import PhaseEntered
from pytest_startup.events.process import LogLine
from pytest_startup.report.json import as_json
from pytest_startup.report.judged import Case, judged_of, rows_of, suite_of
from pytest_startup.report.lines import Style, glyphs_for
from pytest_startup.report.summary import Result, Spent, summary
from pytest_startup.report.words import masked, words
from pytest_startup.trace import Trace

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract
    from pytest_startup.events.base import Event

_RANK = {"passed": 0, "skipped": 1, "failed": 2}
MARKUP: Mapping[Style, dict[str, bool]] = {
    "": {},
    "strong": {"bold": True},
    "dim": {"light": True},
    "good": {"green": True},
    "bad": {"red": True, "bold": True},
    "careful": {"yellow": True},
    "bar": {"cyan": True},
    "other": {"blue": True},
}


@dataclass(slots=True)
class Told:
    """What the workers of a run, or the run itself, know at the end."""

    services: list[str] = field(default_factory=list)
    spent: dict[str, tuple[float, float]] = field(default_factory=dict)

    def add(self, said: Mapping[str, Any]) -> None:
        """Take what one process said; a layer took what it took in the slowest of them."""
        self.services.extend(each for each in said["services"] if each not in self.services)
        for layer, (seconds, budget) in said["spent"].items():
            self.spent[layer] = (max(seconds, self.spent.get(layer, (0.0, 0.0))[0]), budget)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the terminal has to know of a run.

    `contract` gives the contract once it is needed, `provider` says where its services come from, `telling` gives what
    this process knows at the end (see `Told.add`), `note` the file in which a worker that had to be ended left its last
    words.
    """

    contract: Callable[[], Contract | None]
    provider: Callable[[Contract], str]
    demanded: int
    json: Path | None
    suites: bool
    telling: Callable[[], Mapping[str, Any]]
    note: Callable[[str], Path]


class Terminal:
    """A plugin which hears of every test of the suites, and has the last word; in a worker it only passes on."""

    def __init__(self, config: pytest.Config, about: About) -> None:
        """Speak for the run of `config`."""
        self._config = config
        self.about = about
        self._tests: dict[str, Case] = {}
        self._told = Told()

    @property
    def heard(self) -> bool:
        """Whether any test of the suites was reported."""
        return bool(self._tests)

    # -- hearing

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note what was judged, and how the test ended."""
        suite = suite_of(report.user_properties)
        judged = judged_of(report.user_properties)
        if not suite and not judged:
            return
        before = self._tests.get(report.nodeid)
        seconds = report.duration + (before.seconds if before is not None else 0.0)
        worse = before is None or _RANK[report.outcome] > _RANK[before.outcome]
        self._tests[report.nodeid] = Case(
            nodeid=report.nodeid,
            outcome=report.outcome if before is None or worse else before.outcome,
            suite=suite,
            rows=rows_of(report.user_properties),
            judged=judged,
            words=_words(report) if before is None or worse else before.words,
            seconds=seconds,
        )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:  # noqa: ANN401 (pytest-xdist may not be installed)
        """Take what a worker knew; one that crashed took it along."""
        said = getattr(node, "workeroutput", {}).get("startup")
        if said:
            self._told.add(said)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, report: Any) -> None:  # noqa: ANN401 (as above)
        """Say why a worker was ended in the middle of a test, where it was by us."""
        note = self.about.note(report.node.gateway.id)
        with suppress(OSError):
            report.longrepr = f"{note.read_text()}\n\n{report.longrepr}"
            note.unlink()

    # -- speaking

    def pytest_report_header(self) -> list[str]:
        """Say what is started, and what judges it."""
        contract = self.about.contract() if self.about.suites else None
        if contract is None:
            return []
        source = "no contract file" if contract.source is None else _short(contract.source, self._config)
        services = ", ".join(service.name for service in contract.services)
        lines = [f"startup: {target_of(contract)} (contract: {source})"]
        return [*lines, f"startup: services {services} ({self.about.provider(contract)})"] if services else lines

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fail a run in which too little was judged; leave the results for machines."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["startup"] = self.about.telling()
            return
        self._told.add(self.about.telling())
        result = self._result()
        ended_well = session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if result.lacking and ended_well and not self._config.option.collectonly:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        if self.about.json is not None:
            self.about.json.parent.mkdir(parents=True, exist_ok=True)
            self.about.json.write_text(as_json(result), encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the boot, what was judged, and what it took."""
        writer = terminalreporter._tw  # noqa: SLF001 (the documented methods write no markup)
        lines = summary(self._result(), glyphs_for(getattr(writer._file, "encoding", None)))  # noqa: SLF001 (as above)
        if not lines or self._config.option.collectonly:
            return
        terminalreporter.section("startup")
        for line in lines:
            for span in line:
                writer.write(span.text, **MARKUP[span.style])
            writer.line()

    def _result(self) -> Result:
        contract = self.about.contract() if self._tests else None
        return Result(
            tests=list(self._tests.values()),
            contract=contract,
            target="" if contract is None else target_of(contract),
            boots=Boots(
                dict.fromkeys(each.trace for test in self._tests.values() for each in test.judged if each.trace)
            ),
            services=self._told.services,
            spent=[Spent(layer=name, seconds=took, budget=of) for name, (took, of) in self._told.spent.items()],
            demanded=self.about.demanded,
            here=self._config.invocation_params.dir,
        )


class Boots(Mapping[str, Trace]):
    """The saved traces of a run by their paths, each loaded when it is looked at first."""

    def __init__(self, paths: Iterable[str]) -> None:
        """Take the paths; what cannot be read is left out."""
        self._paths = [path for path in paths if Path(path).is_file()]
        self._loaded: dict[str, Trace] = {}

    def __getitem__(self, path: str) -> Trace:
        """Return a trace."""
        if path not in self._paths:
            raise KeyError(path)
        if path not in self._loaded:
            self._loaded[path] = Trace.load(Path(path))
        return self._loaded[path]

    def __iter__(self) -> Iterator[str]:
        """Return the paths in their order."""
        return iter(self._paths)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._paths)


def target_of(contract: Contract) -> str:
    """Return what is started, in words."""
    app = contract.launch.app
    return masked(" ".join(app.argv) if isinstance(app, Command) else app.url if isinstance(app, Url) else str(app))


def _words(report: pytest.TestReport) -> str:
    """Return the first line of a failure, or the reason of a skip."""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return report.longreprtext.strip().partition("\n")[0]


def _short(path: Path, config: pytest.Config) -> str:
    here = config.invocation_params.dir
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


# -- while it boots ------------------------------------------------------------------------------------------------

SAVE, RESTORE, CLEAR = "\x1b7", "\x1b8", "\x1b[K"


@dataclass(slots=True)
class Progress:
    """One line behind the cursor which says what the boot is doing; silent where there is no terminal."""

    _terminal: IO[str] | None
    _room: int

    @classmethod
    def on(cls, config: pytest.Config) -> Self:
        """Speak on the terminal of this run, past pytest's capturing."""
        reporter: Any = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is None or not reporter.isatty or os.environ.get("TERM") == "dumb":  # nor has a worker one
            return cls(None, 0)
        try:
            terminal = Path("/dev/tty").open("w", encoding="utf-8", errors="replace")  # noqa: SIM115 (closed by __exit__)
        except OSError:
            return cls(None, 0)
        writer = reporter._tw  # noqa: SLF001 (nothing else knows where the cursor is)
        return cls(terminal, writer.fullwidth - writer.width_of_current_line - 2)

    def __enter__(self) -> Self:
        """Say that services come first: they make no event."""
        self._show("starting services")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the line away."""
        if self._terminal is not None:
            with self._terminal as terminal, suppress(OSError):
                terminal.write(CLEAR)
            self._terminal = None

    def __call__(self, event: Event) -> None:
        """Show what happened."""
        if self._terminal is None or isinstance(event, LogLine | Probed):
            return
        said = words(event)
        text = event.phase if isinstance(event, PhaseEntered) else f"{said.label} {said.text}"
        self._show(f"{event.at:.1f} s {text}")

    def _show(self, text: str) -> None:
        if self._terminal is not None:
            with suppress(OSError, ValueError):
                self._terminal.write(f"{SAVE} {text[: max(self._room, 0)]}{CLEAR}{RESTORE}")
                self._terminal.flush()
