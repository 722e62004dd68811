"""Shipping the suites: when they are collected, and from where."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain, combinations, product
from pathlib import Path
from typing import Any, Self

import pytest

import pytest_startup
from pytest_startup.report.judged import ROW, SUITE

PACKAGE = "pytest_startup.suites"
HOME = "pytest_startup/suites"
"""How the ids of the tests begin, wherever the files are."""

WHAT_TO_WRITE = """\
pytest-startup: there is no contract: {looked}
  Write a startup.toml beside your application:
      [launch]
      target = "main:app"
  or name the application: --startup-target main:app"""


# -- when ----------------------------------------------------------------------------------------------------------


def wanted(expression: str, layers: Iterable[str], categories: Iterable[str]) -> bool:
    """Tell whether a `-m` expression asks for tests of ours: true for some of our markers, false for none of them.

    A test has one layer, and any number of categories.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval").body
        named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        one = [(), *((name,) for name in layers if name in named)]
        some = list(_subsets([name for name in categories if name in named]))
        kinds = [{*layer, *marked} for layer, marked in product(one, some)]
        return any(_holds(tree, kind) for kind in kinds) and not _holds(tree, set())
    except (SyntaxError, ValueError, RecursionError):
        return False  # not for us to judge: pytest says what is wrong with it


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return chain.from_iterable(combinations(names, count) for count in range(len(names) + 1))


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
            modules = (SuiteModule.of(path, collector) for path in sorted(directory().rglob("test_*.py")))
            files = [each.partition("::")[0] for each in self._ids]
            report.result.extend(each for each in modules if not files or any(_names(file, each) for file in files))
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


def _names(identifier: str, node: pytest.Item | pytest.Module) -> bool:
    """Tell whether an id names a test or a file: its own, or that of its function, file or directory."""
    rest = node.nodeid.removeprefix(identifier)
    return node.nodeid.startswith(identifier) and (not rest or rest[0] in ":[/" or identifier.endswith("/"))


def label(item: pytest.Item) -> bool:
    """Note suite and rows of a test of ours in its properties, and tell whether it is one."""
    suite = suite_of(item.path)
    if suite:
        rows = [str(row) for mark in item.iter_markers("row") for row in mark.args]
        item.user_properties.extend([(SUITE, suite), *((ROW, row) for row in rows)])
    return bool(suite)
