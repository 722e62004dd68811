"""A chaos is chosen on the command line, and a failure says how the same one is had again."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import environment

APPLICATION = """
import os
import redis

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        cache = redis.Redis.from_url(os.environ["CACHE"], retry=None, socket_timeout=1)
        for _ in range(20):
            cache.ping()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})
"""
CONTRACT = """
[launch]
target = "app:app"
[launch.env]
CACHE = "{redis.url}"
[services.redis.outcome]
falters = "tolerated"
"""
LAYER = ("-m", "real_services", "--real-services", "--startup-provider=embedded", "-p", "no:cacheprovider")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give an application which tries nothing again."""
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "startup.toml").write_text(CONTRACT)
    return tmp_path


def _run(project: Path, *options: str) -> str:
    command = [sys.executable, "-m", "pytest", *LAYER, *options]
    return subprocess.run(
        command, cwd=project, env=environment(), capture_output=True, text=True, timeout=60, check=False
    ).stdout


def test_a_failure_is_had_again(project: Path):
    """The command which boots only this again plays the same schedule, which need not be one of the usual ones."""
    said = _run(project, "--startup-chaos=4,5", "-k", "comes_through and chaos-5")
    assert "1 failed" in said
    again = said.partition("boot only this again:")[2].strip().partition("\n")[0]
    assert again.endswith("--startup-chaos=5")
    assert "1 failed" in _run(project, *shlex.split(again)[1:])


def test_nothing_is_booted_for_what_is_not_declared(project: Path):
    """Where no service may falter the reason is said, and nothing is booted."""
    (project / "startup.toml").write_text(CONTRACT.partition("[services")[0] + "[services.redis]\n")
    said = _run(project, "-k", "comes_through or trouble_is_met")
    assert "2 skipped" in said
    assert "services.NAME.outcome.falters" in said
    assert "trace  " not in said
