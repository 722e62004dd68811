"""A run of pytest in a process of its own, forked from one which has imported nothing but what all runs need.

What is judged is started as ever: from nothing, in its own interpreter. This spares each run a second of imports.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from pytest_startup import checks

NEEDED = (
    "pytest",
    "pdb",
    "unittest",
    "xml.etree.ElementTree",
    "pytest_startup.plugin",
    "pytest_startup.running",
    "pytest_startup.terminal",
    "pytest_startup.shared_boot",
    "pytest_startup.boot.course",
    "pytest_startup.boot.fleet",
    "pytest_startup.contract.reader",
    "pytest_startup.contract.asyncapi",
    "pytest_startup.judging",
    "pytest_startup.layers.enforcement",
    "pytest_startup.report.summary",
    *(f"{checks.__name__}.{path.stem}" for path in Path(checks.__file__).parent.glob("[a-z]*.py")),
    "jsonschema",
    "psycopg",
    "redis",
    "websockets.client",
    "yaml",
)
_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(list(NEEDED))


def run(arguments: Sequence[str], directory: Path, env: Mapping[str, str], seconds: float) -> tuple[int, str]:
    """Run pytest in `directory`; return its exit code and what it said. Raises `TimeoutError` after some seconds."""
    said = directory / "said.txt"
    process = _FORKING.Process(target=_pytest, args=(list(arguments), directory, dict(env), said))
    process.start()
    process.join(seconds)
    if process.exitcode is None:
        process.kill()
        process.join()
        msg = f"it took longer than {seconds:g} s:\n{said.read_text(encoding='utf-8')}"
        raise TimeoutError(msg)
    return process.exitcode, said.read_text(encoding="utf-8")


def _pytest(arguments: list[str], directory: Path, env: dict[str, str], said: Path) -> None:
    """Be that process."""
    os.chdir(directory)
    os.environ.clear()
    os.environ.update(env)
    sys.path.insert(0, str(directory))
    output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(output, stream)
    gc.freeze()  # what all runs have in common needs no second look
    sys.dont_write_bytecode = False  # whatever our environment says: the suites are the same in each run
    import pytest  # noqa: PLC0415 (in the process that needs it, and is forked with it)

    sys.exit(int(pytest.main(arguments)))
