"""A baseline is recorded, kept in a file, and compared with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import environment

APPLICATION = '''\
"""Starts after a while."""

import time


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        until = time.thread_time() + {seconds}
        while time.thread_time() < until:
            pass
        await send({{"type": "lifespan.startup.complete"}})
        await receive()
        return await send({{"type": "lifespan.shutdown.complete"}})
    await send({{"type": "http.response.start", "status": 200, "headers": []}})
    await send({{"type": "http.response.body", "body": b"here"}})
'''
CONTRACT = """\
[launch]
target = "app:app"

[startup]
baseline = "speed.json"
max_slowdown = 0.5
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give an application with a contract."""
    (tmp_path / "app.py").write_text(APPLICATION.format(seconds=0.05))
    (tmp_path / "startup.toml").write_text(CONTRACT)
    return tmp_path


def _run(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--real-services", "-m", "real_services", "-k", "test_startup_speed"]
    return subprocess.run(
        [*command, "-rs", *options],
        cwd=project,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_slower_start_is_found(project: Path):
    """What was recorded is what later runs are compared with: the same is as quick, three times as much is not."""
    recorded = _run(project, "--startup-record-baseline")
    assert "8 startups recorded in speed.json" in recorded.stdout
    assert 8 == len(json.loads((project / "speed.json").read_text())["samples"])
    before = (project / "speed.json").read_text()
    assert 0 == _run(project).returncode
    (project / "app.py").write_text(APPLICATION.format(seconds=1.0))
    slower = _run(project)
    assert (1, before) == (slower.returncode, (project / "speed.json").read_text())
    assert "times as long as the baseline" in slower.stdout


def test_without_a_baseline_nothing_is_compared(project: Path):
    """A baseline which nobody has recorded is not covered, and nothing is booted for it."""
    said = _run(project).stdout
    assert "--startup-record-baseline" in said
    assert "ready in" not in said


def test_no_file_to_record_in(project: Path):
    """Whoever wants to record and names no file is told where to write it."""
    (project / "startup.toml").write_text('[launch]\ntarget = "app:app"\n')
    refused = _run(project, "--startup-record-baseline")
    assert 4 == refused.returncode
    assert 'write baseline = "baseline.json" below [startup]' in refused.stderr


def test_a_file_that_is_no_baseline(project: Path):
    """A file which holds something else is a mistake that is told, not a run without a comparison."""
    (project / "speed.json").write_text("[]")
    refused = _run(project)
    assert 4 == refused.returncode
    assert "remove it, and record it anew" in refused.stderr
