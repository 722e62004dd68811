"""Shipping the suites: when they are collected, from where, and the parameters which a contract gives their tests."""

from __future__ import annotations

import ast
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import pytest

import pytest_startup
from pytest_startup.report.judged import ROW, SUITE, NoneDeclared, Subject

if TYPE_CHECKING:
    from pytest_startup.contract.model import Contract

PACKAGE = "pytest_startup.suites"
HOME = "pytest_startup/suites"
"""How the ids of the tests begin, wherever the files are."""

WITH_OUTCOME = ("service", "needed", "server", "database")
"""The arguments which are services."""

WITH_PASSWORD = ("postgres", "redis")
"""The kinds of services which are given a password of ours."""

WHAT_TO_WRITE = """\
pytest-startup: there is no contract: {looked}
  Write a startup.toml beside your application:
      [launch]
      target = "main:app"
  or name the application: --startup-target main:app"""


# -- when ----------------------------------------------------------------------------------------------------------


def wanted(expression: str, layers: Iterable[str], categories: Iterable[str]) -> bool:
    """Tell whether a `-m` expression asks for tests of ours: true for one of our markers, false for none of them."""
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
        kinds = list(product([(), *((name,) for name in layers)], [(), *((name,) for name in categories)]))
        return any(_holds(tree, {*one, *other}) for one, other in kinds) and not _holds(tree, set())
    except (SyntaxError, ValueError, RecursionError):
        return False  # not for us to judge: pytest says what is wrong with it


def _holds(node: ast.expr, names: set[str]) -> bool:
    match node:
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_holds(value, names) for value in values)
        case ast.BoolOp(values=values):
            return any(_holds(value, names) for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _holds(operand, names)
        case ast.Call(func=ast.Name(id=name)) | ast.Name(id=name):
            return name in names
    raise ValueError(node)


# -- from where ----------------------------------------------------------------------------------------------------


@cache
def directory() -> Path:
    """Return the directory of the suites: inside the package (wheel), else beside `src` (editable install)."""
    package = Path(pytest_startup.__file__).resolve().parent
    inside = package / "suites"
    return inside if inside.is_dir() else package.parents[1] / "suites"


def suite_of(path: Path) -> str:
    """Return the suite which a collected file belongs to; empty for a file which is not ours."""
    found = path if path.is_relative_to(directory()) else path.resolve()
    return found.relative_to(directory()).parts[0] if found.is_relative_to(directory()) else ""


def split(arguments: Iterable[str], here: Path) -> tuple[list[str], tuple[str, ...]]:
    """Part the command line's arguments: those for pytest, and the ids of tests of the suites.

    An id is what a report shows, and also what `--pyargs` takes (`pytest_startup.suites.smoke`): as ids they work in
    an editable install too.
    """
    others: list[str] = []
    ids: list[str] = []
    for argument in arguments:
        name, colons, rest = argument.removeprefix("./").partition("::")
        module = name == PACKAGE or name.startswith(f"{PACKAGE}.")
        if module or (name.startswith(HOME) and not (here / HOME).exists()):
            ids.append(_id(name) + colons + rest)
        else:
            others.append(argument)
    return others, tuple(ids)


def _id(name: str) -> str:
    if name.startswith(HOME):
        return name
    inside = name.removeprefix(PACKAGE).strip(".").replace(".", "/")
    module = (directory() / f"{inside}.py").is_file()
    return f"{HOME}/{inside}{'.py' if module else ''}".rstrip("/")


def named(arguments: Iterable[str], here: Path) -> bool:
    """Tell whether the command line names a part of the suites by its path."""
    return any((here / argument.partition("::")[0]).resolve().is_relative_to(directory()) for argument in arguments)


class SuiteModule(pytest.Module):
    """A file of the suites.

    It is collected by itself, not as a path of the command line: pytest would drop one that lies below another
    argument (a virtual environment inside the project), and judge it by the project's own `python_files`,
    `python_functions`, `norecursedirs` and conftest files. Its id is the same on every machine.
    """

    @classmethod
    def of(cls, path: Path, session: pytest.Session) -> Self:
        """Make the module of a file."""
        nodeid = f"{HOME}/{path.relative_to(directory()).as_posix()}"
        return cls.from_parent(session, path=path, nodeid=nodeid)

    def funcnamefilter(self, name: str) -> bool:
        """Tell whether a function is a test."""
        return name.startswith("test_")


class Suites:
    """A plugin which adds the shipped suites to a collection, and keeps what is asked for, once."""

    def __init__(self, ids: tuple[str, ...], *, add: bool) -> None:
        """Keep all tests of the suites, or those which `ids` name; without `add` they are collected by path."""
        self._ids = ids
        self._add = add

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self, collector: pytest.Collector) -> Generator[None, Any, Any]:
        """Put the modules of the suites behind what the session collects itself."""
        report = yield
        if self._add and isinstance(collector, pytest.Session) and report.passed:
            files = sorted(directory().rglob("test_*.py"))
            report.result.extend(SuiteModule.of(path, collector) for path in files)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep each test once, and only those that are asked for; raise `pytest.UsageError` for an unknown id."""
        for each in self._ids:
            if not any(_names(each, item) for item in items):
                msg = f"{each}: the suites have no such test, with this contract"
                raise pytest.UsageError(msg)
        kept = dict.fromkeys(self._asked(items))
        dropped = [item for item in items if item not in kept]
        items[:] = kept
        if dropped and self._ids:
            config.hook.pytest_deselected(items=dropped)

    def _asked(self, items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
        """Return the tests which are asked for, each once: its directory may be collected as well."""
        seen: set[tuple[Path, str]] = set()
        for item in items:
            key = (item.path, item.nodeid.rpartition("/")[2])
            if not suite_of(item.path):
                yield item
            elif key not in seen and (not self._ids or any(_names(each, item) for each in self._ids)):
                seen.add(key)
                yield item


def _names(identifier: str, item: pytest.Item) -> bool:
    """Tell whether an id names a test: its own, or that of its function, file or directory."""
    rest = item.nodeid.removeprefix(identifier)
    return item.nodeid.startswith(identifier) and (not rest or rest[0] in ":[/" or identifier.endswith("/"))


def label(item: pytest.Item) -> bool:
    """Note suite and rows of a test of ours in its properties, and tell whether it is one."""
    suite = suite_of(item.path)
    if suite:
        rows = [str(row) for mark in item.iter_markers("row") for row in mark.args]
        item.user_properties.extend([(SUITE, suite), *((ROW, row) for row in rows)])
    return bool(suite)


# -- with which parameters -----------------------------------------------------------------------------------------


class Parameter(NamedTuple):
    """One parameter of a test: its readable id and the subject."""

    id: str
    value: Subject


_Subjects = Callable[["Contract"], Iterator[Parameter]]


def parameters(argument: str, contract: Contract, fault: str = "") -> list[Parameter]:
    """Return what a test's `argument`, one of `ARGUMENTS`, is called with for this contract.

    `fault` is the kind of the fault in the test's boot, if any: what would not be judged is not booted for.
    """
    subjects, missing = _SUBJECTS[argument]
    found = [each if not fault else _judged(argument, contract, each, fault) for each in subjects(contract)]
    return _unique(found) or [Parameter("none-declared", NoneDeclared(f"the contract {missing}"))]


def _judged(argument: str, contract: Contract, parameter: Parameter, fault: str) -> Parameter:
    """Return the parameter, or in its place why a fault of it would not be judged."""
    from pytest_startup.checks import outcomes  # noqa: PLC0415 (collecting without faults does not pay for it)

    if argument in WITH_OUTCOME and outcomes.declared(contract, str(parameter.value), fault) is None:
        why = f"services.{parameter.value}.outcome.{outcomes.DECLARED_AS[fault]} is not declared"
        return Parameter(parameter.id, NoneDeclared(why))
    if fault == "wrong-credentials" and contract.service(str(parameter.value)).kind not in WITH_PASSWORD:
        why = f"the application shows {parameter.value} no password that could be wrong"
        return Parameter(parameter.id, NoneDeclared(why))
    if argument == "phase" and fault == "twice" and contract.phase(str(parameter.value)).once is not True:
        return Parameter(parameter.id, NoneDeclared("the contract does not say that it may be called twice at once"))
    return parameter


def schedules(contract: Contract, seeds: Iterable[int]) -> list[Parameter]:
    """Return the seeds of the chaos of this contract, or why there is none: then nothing is booted for it."""
    if any(each.outcome.falters is not None for each in contract.services):
        return [Parameter(f"chaos-{seed}", seed) for seed in seeds]
    why = "the contract says of no service what must happen when it falters (services.NAME.outcome.falters)"
    return [Parameter("none-declared", NoneDeclared(why))]


def _unique(parameters: Iterable[Parameter]) -> list[Parameter]:
    """Give each its own id: xdist compares what its workers collected by ids."""
    found: dict[str, Parameter] = {}
    for identifier, value in parameters:
        name = identifier
        while name in found:
            name = f"{identifier}-{len(found)}"
        found[name] = Parameter(name, value)
    return list(found.values())


def _links(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(link.place.text, link.place.text) for link in contract.wiring)


def _services(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(service.name, service.name) for service in contract.services)


def _each(table: str) -> _Subjects:
    return lambda contract: (Parameter(each.name, each.name) for each in getattr(contract, table))


def _having(table: str, flag: str) -> _Subjects:
    return lambda contract: (Parameter(e.name, e.name) for e in getattr(contract, table) if getattr(e, flag))


def _of(*kinds: str) -> _Subjects:
    return lambda contract: (Parameter(each.name, each.name) for each in contract.services_of(*kinds))


def _endpoints(_: Contract) -> Iterator[Parameter]:
    """Both, always: where the contract names no such health endpoint, the check knows what may still be judged."""
    return (Parameter(name, name) for name in ("liveness", "readiness"))


def _patterns(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(pattern, pattern) for pattern in contract.startup.forbidden_log)


def _journeys(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(each.name, each.name) for each in contract.journeys if each.disturbance is None)


def _conversations(contract: Contract) -> Iterator[Parameter]:
    """By the journeys with a turn of the chat."""
    return (Parameter(each.name, each.name) for each in contract.journeys if each.disturbance is None and each.chats)


def _disturbances(contract: Contract) -> Iterator[Parameter]:
    """By the journeys which are disturbed."""
    return (Parameter(each.name, each.name) for each in contract.journeys if each.disturbance is not None)


def _events(contract: Contract) -> Iterator[Parameter]:
    """By the types of the events, each once."""
    types = [each.type for each in contract.chat.events] if contract.chat is not None else []
    return (Parameter(each, each) for each in dict.fromkeys(types))


def _users(contract: Contract) -> Iterator[Parameter]:
    """By their number: one parameter, as there is one chat."""
    return iter([] if contract.chat is None else [Parameter(f"{contract.chat.users}", "chat")])


def _recipients(contract: Contract) -> Iterator[Parameter]:
    """`delivery:pattern`; the id is the pattern without its wildcards, so that `-k` can name it."""
    return (
        Parameter(pattern.replace("*", ""), f"{each.name}:{pattern}")
        for each in contract.deliveries
        for pattern in each.synthetic
    )


def _provided(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(name, name) for phase in contract.phases for name in phase.provides)


def _succession(contract: Contract) -> Iterator[Parameter]:
    for later in contract.components:
        yield from (Parameter(f"{each}-before-{later.name}", (each, later.name)) for each in later.after)


def _tried(name: str) -> _Subjects:
    """Return what tells the subjects of this sort, of all that is tried with an application."""

    def subjects(contract: Contract) -> Iterator[Parameter]:
        from pytest_startup.contract import tried  # noqa: PLC0415 (collecting without it does not pay for it)

        return (Parameter(*each) for each in getattr(tried, name)(contract))

    return subjects


def _baselines(contract: Contract) -> Iterator[Parameter]:
    return iter([Parameter("baseline", "startup")] if contract.recorded is not None else [])


def _pairs(contract: Contract) -> Iterator[Parameter]:
    return (Parameter(f"{earlier}-before-{later}", (earlier, later)) for earlier, later in _order(contract))


def _order(contract: Contract) -> Iterator[tuple[str, str]]:
    """Neighbours where the order is total, else what each phase says itself: after which, and what it needs."""
    if contract.startup.order == "total":
        yield from pairwise(phase.name for phase in contract.phases)
        return
    provider = {component: phase.name for phase in contract.phases for component in phase.provides}
    for phase in contract.phases:
        before = [*phase.after, *(provider[need] for need in phase.needs if need in provider)]
        yield from ((name, phase.name) for name in dict.fromkeys(before) if name != phase.name)


_SUBJECTS: Mapping[str, tuple[_Subjects, str]] = {
    "phase": (_each("phases"), "declares no phases"),
    "component": (_each("components"), "declares no components"),
    "filled": (_having("components", "not_empty"), "declares no component that must not be empty"),
    "link": (_links, "declares no wiring"),
    "service": (_services, "declares no services"),
    "needed": (_having("services", "required"), "declares no service that is required"),
    "server": (_of("postgres", "redis"), "declares neither a Postgres nor a Redis"),
    "database": (_of("postgres"), "declares no Postgres"),
    "endpoint": (_endpoints, "declares no health endpoints"),
    "pattern": (_patterns, "forbids no log lines"),
    "journey": (_journeys, "declares no journeys that nothing disturbs"),
    "conversation": (_conversations, "declares no journey with a turn of the chat"),
    "disturbance": (_disturbances, "declares no journeys that something disturbs"),
    "delivery": (_each("deliveries"), "declares no deliveries"),
    "event": (_events, "declares no chat"),
    "users": (_users, "declares no chat"),
    "recipient": (_recipients, "declares no synthetic recipients"),
    "pair": (_pairs, "declares no phase that comes after another"),
    "provided": (_provided, "declares no component that a phase provides"),
    "timed": (_having("components", "within"), "says of no component within what time it must be there"),
    "weighed": (_having("phases", "max_mib"), "sets no max_mib for any phase"),
    "succession": (_succession, "declares no component that comes after another"),
    "grace": (_each("grace"), "declares no grace period"),
    "token": (_tried("tokens"), "declares no token that requests are made with"),
    "socket_token": (_tried("socket_tokens"), "declares no token that a socket is opened with"),
    "limit": (_tried("limits"), "declares no rate limit"),
    "cors": (_tried("cors"), "declares no rules for other origins"),
    "socket_cors": (_tried("socket_cors"), "declares no rules for other origins that hold for a socket"),
    "model": (_tried("models"), "declares no language model with what its failure comes to"),
    "profiled": (_tried("profiled"), "declares no profile in which a service is absent"),
    "baseline": (_baselines, "names no startup.baseline in which one was recorded (--startup-record-baseline)"),
}
ARGUMENTS: Sequence[str] = tuple(_SUBJECTS)
"""The arguments by which a test of the suites asks for a subject."""
