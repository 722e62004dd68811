"""One run of pytest: it puts together contract, suites, boot, budgets and summary, each when it is needed first."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

from pytest_startup import collect, subjects
from pytest_startup.clock import Deadline, now
from pytest_startup.errors import StartupError

if TYPE_CHECKING:
    from pytest_startup.boot.fleet import Fleet
    from pytest_startup.boot.serving import Serving
    from pytest_startup.boot.visits import Visits
    from pytest_startup.contract.model import Contract
    from pytest_startup.judging import Judge
    from pytest_startup.layers.account import Account
    from pytest_startup.options import Options
    from pytest_startup.report.failure import Again
    from pytest_startup.services.session import Keeper
    from pytest_startup.shared_boot import Saved
    from pytest_startup.trace import Trace


@dataclass(frozen=True, slots=True)
class Shared:
    """What all processes of a run agree on: the session of its services, its root process, when it began."""

    session: str
    owner: int
    origin: float

    @classmethod
    def of(cls, config: pytest.Config, origin: float) -> Self:
        """Return what the controller of pytest-xdist sent; alone, or as the controller, make it."""
        sent = getattr(config, "workerinput", {}).get("startup")
        return cls(**sent) if sent else cls(secrets.token_hex(10), os.getpid(), origin)

    def note(self, worker: str) -> Path:
        """Return the file in which a worker that has to be ended leaves its last words; nobody else knows its name."""
        return Path(tempfile.gettempdir()) / f"pytest-startup-{self.session}-{worker}"


class Run:
    """The run of this process. `suites` tells whether the shipped suites are asked for."""

    def __init__(self, config: pytest.Config, options: Options, origin: float) -> None:
        """Take the `options` given for `config`; `origin` is when the run began."""
        self.config = config
        self.options = options
        self.shared = Shared.of(config, origin)
        self.suites = False
        self.choices: list[str] = []
        self.account: Account | None = None
        self.saved: Saved | None = None

    @property
    def _worker(self) -> str:
        return str(getattr(self.config, "workerinput", {}).get("workerid", ""))

    # -- the contract

    @cached_property
    def contract(self) -> Contract | None:
        """The contract of this run, None when there is none; raises `pytest.UsageError` with all its mistakes."""
        from pytest_startup.contract import reader  # noqa: PLC0415 (a run without suites does not pay for it)
        from pytest_startup.contract.model import Contract  # noqa: PLC0415 (as above)

        try:
            if self.options.startup_contract is not None:
                return self._recording(reader.read(self.options.startup_contract))
            if self.options.startup_target is not None:
                return Contract.minimal(self.options.startup_target)
            found = next(filter(None, map(reader.find, self._places())), None)
            return None if found is None else self._recording(reader.read(found))
        except StartupError as error:
            raise pytest.UsageError(str(error)) from None

    def _recording(self, contract: Contract) -> Contract:
        """Return the contract with an empty baseline where one is to be recorded."""
        from pytest_startup.baseline import Baseline  # noqa: PLC0415 (as above)

        if not self.options.startup_record_baseline:
            return contract
        if contract.startup.baseline is None:
            named = f"--startup-record-baseline: {contract.source} names no file for it"
            raise pytest.UsageError(f'{named}; write baseline = "baseline.json" below [startup]')
        return replace(contract, recorded=Baseline())

    def _places(self) -> list[Path]:
        """Where a contract may lie: where pytest was started, then the root directory."""
        return list(dict.fromkeys([self.config.invocation_params.dir, self.config.rootpath]))

    def demand(self) -> Contract:
        """Return the contract; raise `pytest.UsageError` which says what to write where there is none."""
        if self.contract is None:
            looked = f"neither startup.toml nor [tool.pytest-startup] in {' or '.join(map(str, self._places()))}"
            raise pytest.UsageError(collect.WHAT_TO_WRITE.format(looked=looked))
        return self.contract

    # -- collection

    def choose_suites(self, layers: Collection[str], categories: Collection[str]) -> None:
        """Add the suites to what is collected: asked for by an option, by a marker of theirs, or by name."""
        config, given = self.config, self.options
        explicit = config.args_source is pytest.Config.ArgsSource.ARGS
        others, ids = collect.split(config.args, config.invocation_params.dir)
        config.args[:] = others
        by_path = explicit and collect.named(config.args, config.invocation_params.dir)
        asked = given.real_services or collect.wanted(config.option.markexpr, layers, categories)
        if given.startup or ids or by_path:
            self.demand()
        elif explicit or not asked or self.contract is None:
            return
        self.suites = True
        add = given.startup or bool(ids) or not explicit
        config.pluginmanager.register(collect.Suites(ids, add=add), "startup-suites")
        self.tell()

    def parametrise(self, metafunc: pytest.Metafunc) -> None:
        """Give a test of the suites the parameters which the contract declares for it."""
        arguments = [name for name in ("seed", "chaos", *subjects.ARGUMENTS) if name in metafunc.fixturenames]
        if not collect.suite_of(metafunc.definition.path):
            return
        if not arguments:
            return
        try:
            contract = self.demand()
        except pytest.UsageError as error:
            raise pytest.Collector.CollectError(str(error)) from None
        mark = metafunc.definition.get_closest_marker("fault")
        fault = str(mark.kwargs.get("judged", mark.args[0])) if mark is not None else ""
        for name in arguments:
            match name:
                case "seed":
                    found = subjects.orders(contract, self.options.startup_seeds)
                case "chaos":
                    found = subjects.schedules(contract, self.options.startup_chaos)
                case _:
                    found = subjects.parameters(name, contract, fault)
            metafunc.parametrize(name, [each.value for each in found], ids=[each.id for each in found])

    def take(self, items: list[pytest.Item]) -> None:
        """Take charge of the tests which belong to a layer; without a contract they are none of our business."""
        ours = [item for item in items if collect.label(item)]
        self.suites = self.suites or bool(ours)
        if (self.demand() if ours else self.contract) is None or self.config.option.collectonly:
            return
        from pytest_startup import layers  # noqa: PLC0415 (as above)

        layers.order(items)
        if not self.options.real_services:
            layers.skip_real_services(items)
        self._enforce()
        self.tell()

    def _enforce(self) -> None:
        from pytest_startup.layers import budgets  # noqa: PLC0415 (as above)
        from pytest_startup.layers.account import Account  # noqa: PLC0415 (as above)
        from pytest_startup.layers.enforcement import Enforcement  # noqa: PLC0415 (as above)

        contract = self.demand()
        source = "the default" if contract.source is None else contract.source.name
        self.account = Account(budgets(contract.budgets), self.shared.origin)
        enforcement = Enforcement(self.config, self.account, source, self.shared.note(self._worker))
        self.config.pluginmanager.register(enforcement, "startup-budgets")

    # -- xdist

    def send_to(self, node: Any) -> None:  # noqa: ANN401 (pytest-xdist may not be installed)
        """Tell a worker which run it belongs to."""
        node.workerinput["startup"] = asdict(self.shared)
        self.tell()
        self.config.add_cleanup(self._end_services)

    def _end_services(self) -> None:
        """End what the workers had in common: they only leave it."""
        terminal: Any = self.config.pluginmanager.get_plugin("startup-terminal")
        if terminal is not None and terminal.heard:
            from pytest_startup.services.session import end_session  # noqa: PLC0415 (as above)

            end_session(self.shared.session)

    def tell(self) -> None:
        """Have the words of this run on the terminal, and its results where they are wanted."""
        from pytest_startup.terminal import About, Terminal  # noqa: PLC0415 (as above)

        if self.config.pluginmanager.has_plugin("startup-terminal"):
            return
        about = About(
            contract=lambda: self.contract,
            provider=self._origin,
            demanded=self.options.startup_min_checks,
            json=self.options.startup_json,
            suites=self.suites,
            telling=self._telling,
            note=self.shared.note,
        )
        self.config.pluginmanager.register(Terminal(self.config, about), "startup-terminal")

    def _origin(self, contract: Contract) -> str:
        from pytest_startup.shared_boot import origin  # noqa: PLC0415 (as above)

        return origin(self.options, contract)

    def _telling(self) -> dict[str, Any]:
        """Return what this process knows at the end, as pytest-xdist can send it."""
        account = self.account
        spent = {} if account is None else account.running(now())
        budgets = {} if account is None else account.budgets
        return {"services": self.choices, "spent": {name: [took, budgets[name]] for name, took in spent.items()}}

    # -- fixtures

    @contextmanager
    def plainly(self) -> Iterator[Self]:
        """End a test in one clear line where a boot cannot be tried."""
        try:
            yield self
        except (StartupError, pytest.UsageError) as error:
            raise pytest.fail.Exception(f"pytest-startup: {error}", pytrace=False) from None

    @contextmanager
    def keeper(self) -> Iterator[Keeper]:
        """Have the services of this session."""
        from pytest_startup import shared_boot  # noqa: PLC0415 (as above)

        with self.plainly():
            wanted = shared_boot.wanted(self.options, self.contract)
            with shared_boot.services(self.shared.session, self.shared.owner, wanted) as keeper:
                yield keeper

    def _saved(self, request: pytest.FixtureRequest) -> Saved:
        """Return the saved traces of this run: in the given directory, else pytest's cache, else its temporary one."""
        if self.saved is None:
            from pytest_startup.shared_boot import Saved  # noqa: PLC0415 (as above)

            cache: Any = getattr(self.config, "cache", None)
            directory = self.options.startup_save
            if directory is None:
                temporary = request.getfixturevalue("tmp_path_factory")
                directory = cache.mkdir("startup") if cache else temporary.mktemp("startup")
            self.saved = Saved(directory, self._worker)
        return self.saved

    def trace(self, request: pytest.FixtureRequest) -> Trace:
        """Return the trace of the boot which all share, or the saved one that is to be judged again."""
        from pytest_startup.terminal import Progress  # noqa: PLC0415 (as above)
        from pytest_startup.variation import PLAIN  # noqa: PLC0415 (as above)

        with self.plainly():
            if self.options.startup_trace is not None:
                return self._saved(request).load(self.options.startup_trace)
            fleet: Fleet = request.getfixturevalue("startup_fleet")
            left = None if self.account is None else self.account.left(now())
            until = None if left is None else Deadline.after(left, "the budget of the layer")
            self._saved(request).forget("boot")  # whoever judges it again must not have that of another run
            with Progress.on(self.config) as progress:
                trace = fleet.trace(PLAIN, progress, until)
            self._saved(request).save(trace, "boot")
            return trace

    def judge(self, request: pytest.FixtureRequest, contract: Contract) -> Judge:
        """Return the judge of one test."""
        from pytest_startup.judging import Judge  # noqa: PLC0415 (as above)

        return Judge(
            item=request.node,
            contract=contract,
            shared=lambda: self._trace_of(request),
            saved=self._saved(request).save,
            again=self.again,
        )

    def _trace_of(self, request: pytest.FixtureRequest) -> Trace:
        """Return the trace which a test judges: of a boot with its fault, else of the one that all share."""
        from pytest_startup.shared_boot import variation_of  # noqa: PLC0415 (as above)

        contract = self.demand()
        variation = variation_of(request.node, contract)
        if variation is None or self.options.startup_trace is not None:
            trace: Trace = request.getfixturevalue("startup_trace")
            return trace
        with self.plainly():
            fleet: Fleet = request.getfixturevalue("startup_fleet")
            fleet.begin(filter(None, (variation_of(item, contract) for item in request.session.items)))
            trace = fleet.trace(variation)
            if variation.alone:
                self._record_baseline(trace)
            return trace

    def _record_baseline(self, trace: Trace) -> None:
        """Keep the times of these startups as the baseline, if that is wanted and there are any."""
        from pytest_startup.baseline import Baseline  # noqa: PLC0415 (as above)
        from pytest_startup.checks.pace import python_of, samples_of  # noqa: PLC0415 (as above)

        path, samples = self.demand().startup.baseline, tuple(samples_of(trace))
        if self.options.startup_record_baseline and path is not None and samples:
            path.write_text(Baseline(python_of(trace), samples).text(), encoding="utf-8")
            self.choices.append(
                f"baseline: {len(samples)} startups recorded in {_short(path, self.config.invocation_params.dir)}"
            )

    @contextmanager
    def fleet(self, contract: Contract, keeper: Keeper) -> Iterator[Fleet]:
        """Give the boots of this run; what the processes of a run have in common is in the keeper's own directory."""
        from pytest_startup.boot.fleet import Fleet  # noqa: PLC0415 (as above)
        from pytest_startup.boot.relay import Relay  # noqa: PLC0415 (as above)
        from pytest_startup.shared_boot import have_images  # noqa: PLC0415 (as above)

        with self.plainly():
            have_images(keeper, contract, self._say)
        workers = int(getattr(self.config, "workerinput", {}).get("workercount", 1))
        relay = Relay(keeper.place.home / "boots") if self._worker else None
        with Fleet.of(contract, keeper, relay, workers) as fleet:
            yield fleet
            self._note_choices(contract, keeper)

    @contextmanager
    def serving(self, contract: Contract, keeper: Keeper) -> Iterator[Serving]:
        """Have the application up for tests of somebody's own."""
        from pytest_startup.boot.serving import Serving  # noqa: PLC0415 (as above)
        from pytest_startup.shared_boot import have_images  # noqa: PLC0415 (as above)
        from pytest_startup.terminal import Progress  # noqa: PLC0415 (as above)

        with self.plainly(), ExitStack() as stack:
            have_images(keeper, contract, self._say)
            with Progress.on(self.config) as progress:
                app = stack.enter_context(Serving(contract, keeper, progress))
            yield app
            self._note_choices(contract, keeper)

    @contextmanager
    def visits(self, request: pytest.FixtureRequest) -> Iterator[Visits]:
        """Have users for one test; nothing is booted where the contract does not say how they chat."""
        from pytest_startup.boot.visits import Visits, chat_of  # noqa: PLC0415 (as above)

        with self.plainly(), ExitStack() as stack:
            chat_of(self.demand())
            yield stack.enter_context(Visits(request.getfixturevalue("startup_app"), request.node.name))

    def _note_choices(self, contract: Contract, keeper: Keeper) -> None:
        """Note where services and further applications came from."""
        here = self.config.invocation_params.dir
        found = [f"{choice.service}: {choice}" for choice in keeper.choices()]
        found += [f"{peer.name}: {_short(peer.contract, here)}" for peer in contract.services_of("app")]
        self.choices += [each for each in found if each not in self.choices]

    def _say(self, line: str) -> None:
        """Write a line on the terminal in the middle of a test; a worker of pytest-xdist has none."""
        plugins = self.config.pluginmanager
        reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
        if reporter is not None and capture is not None:
            with capture.global_and_fixture_disabled():
                reporter.ensure_newline()
                reporter.write_line(line)

    def again(self, item: pytest.Item, path: Path | None) -> Again:
        """Return how only this test is judged again from where pytest was started."""
        from pytest_startup.report.failure import Again  # noqa: PLC0415 (as above)

        here, given = self.config.invocation_params.dir, self.options
        options: tuple[str, ...] = ()
        if given.startup_contract is not None:
            options = (f"--startup-contract={_short(given.startup_contract, here)}",)
        elif given.startup_target is not None:
            options = (f"--startup-target={given.startup_target}",)
        if isinstance(schedule := getattr(getattr(item, "callspec", None), "params", {}).get("chaos"), int):
            options += (f"--startup-chaos={schedule}",)
        return Again(nodeid=item.nodeid, options=options, trace=_short(path, here))


def _short(path: Path | None, here: Path) -> str:
    """Return a path as one would type it."""
    if path is None:
        return ""
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
