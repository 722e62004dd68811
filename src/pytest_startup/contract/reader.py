"""Reading a contract: a file, or its text, to frozen objects; or every mistake at once."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from pathlib import Path

from pytest_startup.baseline import Baseline, BaselineError
from pytest_startup.contract import agreement, described, peers, turns, websocket
from pytest_startup.contract.lines import key_lines
from pytest_startup.contract.mistakes import ContractError, Mistake
from pytest_startup.contract.model import CONTRACT, Contract
from pytest_startup.contract.reading import Reading, Spot

FILE = "startup.toml"
PYPROJECT = "pyproject.toml"
TABLE = ("tool", "pytest-startup")

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def find(directory: Path) -> Path | None:
    """Return the contract of a directory: its startup.toml, else its pyproject.toml if that has our table."""
    own = directory / FILE
    if own.exists():
        return own
    shared = directory / PYPROJECT
    return shared if _has_table(shared) else None


def read(path: Path, within: peers.Chain = ()) -> Contract:
    """Return the contract in the file `path`; raises `ContractError` with every mistake in it.

    `within` are the files of contracts which name this one as that of a peer, outermost first.
    """
    path = path.absolute()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _useless(path, _reason(path, error), fix=f"name a {FILE} or a {PYPROJECT}") from None
    except ValueError:  # a path with a NUL in it
        raise _useless(path, "is not a path", fix=f"name a {FILE} or a {PYPROJECT}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _useless(path, f"is not UTF-8: {error.reason}", line=line, fix="save it as UTF-8") from None
    return parse(text, path, within)


def parse(text: str, source: Path | None = None, within: peers.Chain = ()) -> Contract:
    """Return the contract in a TOML `text`; `source` names its file in mistakes, and is where paths begin.

    In a `pyproject.toml` the contract is the table `[tool.pytest-startup]`, elsewhere the whole text.
    Raises `ContractError` with every mistake.
    """
    raw = _load(text, source)
    spot = Spot(Reading("" if source is None else str(source), key_lines(text)))
    if source is not None and source.name == PYPROJECT:
        for step in TABLE:
            raw = raw.get(step) if isinstance(raw, dict) else None
            spot = spot / step
        if raw is None:
            raise _useless(source, f"has no table [{'.'.join(TABLE)}]", fix=f"add it, or write a {FILE}")
    contract = CONTRACT.read(raw, spot, source=source)
    tables = raw if isinstance(raw, dict) else {}
    agreement.check(tables, spot)
    chain = within if source is None else (*within, source.resolve())
    found = peers.contracts(tables, spot / "services", chain, read)
    documents = described.found(tables, spot, Path.cwd() if source is None else source.parent)
    spot.reading.check()
    whole = _recorded(peers.joined(_rooted(contract), found))
    return websocket.joined(turns.joined(described.joined(whole, documents)))


def _load(text: str, source: Path | None) -> object:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise _useless(source, "is nested too deeply", fix="make it flatter") from None
    except ValueError as error:
        at = _AT.search(str(error))
        line = None if at is None else int(at[1]) if at[1] else text.count("\n") + 1
        problem = f"is not TOML: {_AT.sub('', str(error))}"
        raise _useless(source, problem, line=line, fix="see https://toml.io for its syntax") from None


def _rooted(contract: Contract) -> Contract:
    """Return the contract with its paths taken from the directory of its file."""
    if contract.source is None:
        return contract
    launch, root = contract.launch, contract.root
    interpreter = None if launch.interpreter is None else root / launch.interpreter
    paths = tuple(root / path for path in launch.import_path)
    launch = replace(launch, directory=root / launch.directory, import_path=paths, interpreter=interpreter)
    baseline = None if contract.startup.baseline is None else root / contract.startup.baseline
    return replace(contract, launch=launch, startup=replace(contract.startup, baseline=baseline))


def _recorded(contract: Contract) -> Contract:
    """Return the contract with its baseline, if one was recorded; raises `ContractError` for a file that is none."""
    path = contract.startup.baseline
    if path is None or not path.exists():
        return contract
    try:
        return replace(contract, recorded=Baseline.parse(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, BaselineError) as error:
        raise _useless(path, str(error), fix="remove it, and record it anew: --startup-record-baseline") from None


def _has_table(path: Path) -> bool:
    """Whether a pyproject.toml has our table; one which cannot be parsed has it when it names it."""
    try:
        data = path.read_bytes()
    except OSError:
        return False
    try:
        tool = tomllib.loads(data.decode("utf-8-sig")).get(TABLE[0])
    except (ValueError, RecursionError):
        return ".".join(TABLE).encode() in data
    return isinstance(tool, dict) and TABLE[1] in tool


def _reason(path: Path, error: OSError) -> str:
    if path.is_dir():
        return "is a directory, not a file"
    if isinstance(error, FileNotFoundError):
        return "does not exist"
    return f"cannot be read: {error.strerror}"


def _useless(source: Path | None, problem: str, *, fix: str, line: int | None = None) -> ContractError:
    name = "" if source is None else str(source)
    return ContractError([Mistake(source=name, line=line, key="", problem=problem, fix=fix)])
