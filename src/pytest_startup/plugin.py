"""The pytest edge: hooks and fixtures only. A run which uses none of it pays for this module and the options."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pytest_startup import options

if TYPE_CHECKING:
    from pytest_startup.boot.fleet import Fleet
    from pytest_startup.boot.serving import Serving
    from pytest_startup.boot.visits import Visits
    from pytest_startup.contract.model import Contract
    from pytest_startup.judging import Judge
    from pytest_startup.running import Run
    from pytest_startup.services.session import Keeper
    from pytest_startup.trace import Trace

LAYERS = {
    "smoke": "one cold boot, judged in seconds: every commit",
    "mission_critical": "order, failures and recovery of the startup, externals stubbed: every pull request",
    "real_services": "against real services; runs with --real-services: before a deploy",
}
CATEGORIES = {
    "startup": "the sequence of the startup",
    "websocket": "the WebSocket phase",
    "chat_events": "the five events of a chat turn",
    "multi_user": "several users at once",
    "performance": "durations against limits and baselines",
    "security": "authentication, origins, limits",
    "error_recovery": "failures and what comes after them",
    "business_value": "what a user gets, from end to end",
}
MARKERS = (
    "row(*ids): the requirements which a test checks",
    "fault(kind, seconds=0, judged=None): what goes wrong on purpose in its boot, and what of it is judged",
    "boot(exercise=None, again=False, lifespans=1): what its boot is for besides; one after it; how many starts",
)


_GIVEN = pytest.StashKey[tuple[options.Options, float]]()
_RUN = pytest.StashKey["Run"]()


def _run(config: pytest.Config) -> Run:
    """Return the run of this process, made when it is needed first."""
    if _RUN not in config.stash:
        from pytest_startup.running import Run  # noqa: PLC0415 (a run which does not need it does not pay for it)

        config.stash[_RUN] = Run(config, *config.stash[_GIVEN])
    return config.stash[_RUN]


# -- hooks ---------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Enter the table of options."""
    options.register(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers; where the suites are asked for, add them to what is collected."""
    for name, description in (LAYERS | CATEGORIES).items():
        config.addinivalue_line("markers", f"{name}: {description} (pytest-startup)")
    for line in MARKERS:
        config.addinivalue_line("markers", f"{line} (pytest-startup)")
    given = options.read(config)
    config.stash[_GIVEN] = (given, time.monotonic())
    named = any("suites" in f"{config.invocation_params.dir}/{argument}" for argument in config.args)
    if given.startup or given.real_services or config.option.markexpr or named:
        _run(config).choose_suites(LAYERS, CATEGORIES)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 (pytest-xdist may not be installed)
    """Tell a worker of pytest-xdist which run it belongs to."""
    _run(node.config).send_to(node)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise tests of the suites from the contract."""
    if "startup_contract" in metafunc.fixturenames:
        _run(metafunc.config).parametrise(metafunc)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order the layers and see to their budgets."""
    if any(mark.name in LAYERS for item in items for mark in item.iter_markers()):
        _run(config).take(items)


# -- fixtures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def startup_contract(pytestconfig: pytest.Config) -> Contract:
    """Give the contract of the application (`pytest_startup.contract.model.Contract`)."""
    with _run(pytestconfig).plainly() as run:
        return run.demand()


@pytest.fixture(scope="session")
def startup_keeper(pytestconfig: pytest.Config) -> Iterator[Keeper]:
    """Give the services of this session: each started once, whatever the number of workers."""
    with _run(pytestconfig).keeper() as keeper:
        yield keeper


@pytest.fixture(scope="session")
def startup_trace(request: pytest.FixtureRequest) -> Trace:
    """Give the trace of one boot, which all read-only tests share; or the saved one of `--startup-trace`."""
    return _run(request.config).trace(request)


@pytest.fixture(scope="session")
def startup_fleet(pytestconfig: pytest.Config, startup_contract: Contract, startup_keeper: Keeper) -> Iterator[Fleet]:
    """Give the boots in which something goes wrong on purpose, each made once (`pytest_startup.boot.fleet.Fleet`)."""
    with _run(pytestconfig).fleet(startup_contract, startup_keeper) as fleet:
        yield fleet


@pytest.fixture
def judge(request: pytest.FixtureRequest, startup_contract: Contract) -> Judge:
    """Judge a boot by `judge(check, subject)`: that of the test's fault, else the one which all share, or `trace=`."""
    return _run(request.config).judge(request, startup_contract)


@pytest.fixture(scope="session")
def startup_app(pytestconfig: pytest.Config, startup_contract: Contract, startup_keeper: Keeper) -> Iterator[Serving]:
    """Give the application for your own tests, up until the end (`pytest_startup.boot.serving.Serving`)."""
    with _run(pytestconfig).serving(startup_contract, startup_keeper) as app:
        yield app


@pytest.fixture
def startup_chat(request: pytest.FixtureRequest) -> Iterator[Visits]:
    """Give users of the chat for one of your own tests (`pytest_startup.boot.visits.Visits`)."""
    with _run(request.config).visits(request) as chat:
        yield chat
