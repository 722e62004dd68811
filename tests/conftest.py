"""Virtual environments of other Pythons and other packages, made once and kept below `.venv`."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import pytest

from pytest_startup.clock import Deadline

MAKING_SECONDS = 300.0

Environment = Callable[..., Path]
Uv = Callable[..., None]


@pytest.fixture(scope="session")
def uv() -> Uv:
    """Return what has uv do something; what it cannot, it says in the error."""

    def run(*arguments: str | Path, seconds: float = MAKING_SECONDS) -> None:
        command = [sys.executable, "-m", "uv", "--system-certs", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
        if done.returncode:
            pytest.fail(f"uv {' '.join(map(str, arguments))}: {done.stderr}", pytrace=False)

    return run


@pytest.fixture(scope="session")
def environment(pytestconfig: pytest.Config, uv: Uv) -> Environment:
    """Return the interpreter of a virtual environment of `version` with some packages, or skip (fail in CI)."""
    home = pytestconfig.rootpath / ".venv" / "others"

    def make(version: str, *packages: str) -> Path:
        base = shutil.which(f"python{version}")
        if base is None or subprocess.run([base, "-c", ""], capture_output=True, check=False).returncode:
            reason = f"there is no python{version} on PATH"
            pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        name = "-".join([version, *(Path(package).name.partition("-")[0] for package in packages)])
        python, ready = home / name / "bin" / "python", home / name / "ready"
        content = "\n".join(map(_known, packages))
        with _alone(home / f"{name}.lock"):
            if not ready.exists() or ready.read_text() != content:
                uv("venv", "--clear", "--python", base, home / name)
                uv("pip", "install", "--python", python, *packages)
                ready.write_text(content)
        return python

    return make


def _known(package: str) -> str:
    """Return a package as it is told from any other: a wheel by its content, whoever has built it."""
    path = Path(package)
    return f"{path.name} {sha256(path.read_bytes()).hexdigest()}" if package.endswith(".whl") else package


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Let one process at a time make an environment: another would clear it under its feet."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    deadline, pause = Deadline.after(MAKING_SECONDS, f"the environment of {lock}"), threading.Event()
    with lock.open("w") as file:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            deadline.check()
            pause.wait(0.1)
        yield


collect_ignore = ["faults"]
"""Changed applications for the detection table, no tests."""
