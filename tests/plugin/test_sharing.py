"""The workers of a run share their boots: the same findings, each boot made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import _junit, environment

APPLICATION = '''\
"""A start in two phases, in a wrong order whenever somebody looks away."""

import asyncio
import pathlib
import uuid

pathlib.Path(f"{uuid.uuid4()}.boot").touch()


async def first():
    await asyncio.sleep(0)


async def second():
    await asyncio.sleep(0)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        try:
            await asyncio.gather(first(), second())
        except RuntimeError as error:
            return await send({"type": "lifespan.startup.failed", "message": repr(error)})
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"here"})
'''
CONTRACT = """\
[launch]
target = "app:app"
boot_timeout = 20
stop_timeout = 5

[startup]
repeatable = true

[[phases]]
name = "first"
callable = "app:first"

[[phases]]
name = "second"
callable = "app:second"
"""
TESTS = "test_order_is_no_accident or test_failed_phase or test_next_boot or test_nothing_piles_up or test_taken_port"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give an application with a contract."""
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "startup.toml").write_text(CONTRACT)
    return tmp_path


def _run(project: Path, *options: str) -> tuple[dict[str, str], int]:
    """Run the shipped suite, and return what each test said in a few words, and how many boots there were."""
    command = [sys.executable, "-m", "pytest", "-m", "mission_critical", "-k", TESTS, "-p", "no:cacheprovider"]
    subprocess.run(
        [*command, "--junitxml=junit.xml", "--startup-seeds=1,2,3,4", *options],
        cwd=project, env=environment(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    said = {name: text.partition("timeline")[0] for name, text in _junit(project / "junit.xml").items()}
    verdicts = {
        name: " ".join(line for line in text.split("\n") if "observed" in line) or text.strip().partition("\n")[0]
        for name, text in said.items()
    }
    boots = list(project.glob("*.boot"))
    for boot in boots:
        boot.unlink()
    return verdicts, len(boots)


def test_workers_find_the_same_with_the_same_boots(project: Path):
    """Two workers find what one process finds; no boot is made twice."""
    alone, together = _run(project), _run(project, "-n", "2")
    assert alone == together
    assert any(alone[0].values())
    assert 10 == alone[1]
