"""How often a slower startup is found, and how often an alarm is false: a share of added work against a baseline.

    python benchmarks/speed.py [rounds]

An application whose start is some tenths of a second of CPU is compared with its own baseline as it is, and with a
part of that work added. Every round has one comparison of each sort, and a new baseline every fifth round.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from pytest_startup.baseline import Baseline
from pytest_startup.boot import record
from pytest_startup.checks.pace import keeps_up, python_of, samples_of
from pytest_startup.clock import Deadline
from pytest_startup.contract.model import Contract
from pytest_startup.contract.reader import read
from pytest_startup.findings import NotCovered
from pytest_startup.services import Keeper, ServiceOptions, new_session_id
from pytest_startup.variation import Exercise, Variation

APPLICATION = """
import importlib, sys

WORK = ["asyncio", "ctypes", "decimal", "email.message", "http.client", "logging.config", "ssl", "unittest.mock"]

def load(times):
    for _ in range(times):
        for name in WORK:
            importlib.reload(importlib.import_module(name))

load(BASE)
load(ADDED)

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})
"""
BASE = 150
ADDED = {"as it was": 0.0, "+5 %": 0.05, "+25 %": 0.25, "+40 %": 0.4}
"""What is added to the whole of its time, which is mostly this work."""

LATEST = 5


def contract(directory: Path, added: float) -> Contract:
    """Return the contract of an application with so much more to do."""
    source = APPLICATION.replace("BASE", str(BASE)).replace("ADDED", str(round(added * BASE)))
    (directory / "app.py").write_text(source)
    (directory / "startup.toml").write_text('[launch]\ntarget = "app:app"\n')
    return read(directory / "startup.toml")


def compared(directory: Path, keeper: Keeper, baseline: Baseline, added: float) -> tuple[str, Baseline]:
    """Return what is said of an application, and what could be its baseline."""
    described = replace(contract(directory, added), recorded=baseline)
    trace = record(described, keeper, Variation(exercise=Exercise("pace")))
    verdict = keeps_up(trace, described, "startup")
    word = "cannot tell" if isinstance(verdict, NotCovered) else "slower" if verdict else "as quick"
    return word, Baseline(python_of(trace), tuple(samples_of(trace)))


def main() -> None:
    """Measure and print."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    said: dict[str, Counter[str]] = {name: Counter() for name in ADDED}
    joining = Deadline.after(30, "the keeper")
    with (
        tempfile.TemporaryDirectory() as name,
        Keeper.join(new_session_id(), os.getpid(), ServiceOptions(), joining) as keeper,
    ):
        baseline = Baseline()
        for number in range(rounds):
            if number % LATEST == 0:
                _, baseline = compared(Path(name), keeper, Baseline(), 0.0)
            for kind, added in ADDED.items():
                word, _ = compared(Path(name), keeper, baseline, added)
                said[kind][word] += 1
    for kind, words in said.items():
        print(f"{kind:>10}: " + ", ".join(f"{word} {count} of {rounds}" for word, count in words.most_common()))


if __name__ == "__main__":
    main()
