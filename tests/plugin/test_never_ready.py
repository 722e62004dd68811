"""A start that never becomes ready, in a run which has no more time than that would take."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .conftest import environment

WAITING = "".join(f"async def wait_{number}():\n    await asyncio.sleep(3600)\n" for number in range(40))
APPLICATION = f"""
import asyncio

{WAITING}

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        tasks = [asyncio.create_task(wait_0()) for _ in range(40)]
        tasks += [asyncio.create_task(each()) for name, each in globals().items() if name.startswith("wait_")]
        await send({{"type": "lifespan.startup.complete"}})
        await receive()
        return await send({{"type": "lifespan.shutdown.complete"}})
    status = 200 if scope["path"] == "/health" else 404
    await send({{"type": "http.response.start", "status": status, "headers": []}})
    await send({{"type": "http.response.body", "body": b""}})
"""
CONTRACT = """
[launch]
target = "app:app"
[health]
readiness = "/helth"
[budgets]
smoke = 9
"""


def _run(directory: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-m", "smoke", *options]
    done = subprocess.run(
        command, cwd=directory, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout


def test_the_reason_is_told_within_the_budget(tmp_path: Path):
    """It is given up while there is time to say what it waited for; what does the same thing is shown once."""
    (tmp_path / "app.py").write_text(APPLICATION)
    (tmp_path / "startup.toml").write_text(CONTRACT)
    code, said = _run(tmp_path)
    assert 1 == code, said
    assert "waiting for /helth to answer 200 (last: 404)" in said
    assert "(the budget leaves no more of launch.boot_timeout = 30)" in said
    assert "not run" not in said
    assert "(and 40 more like it)" in said
    assert "... and " in said
    assert 300 > len(said.splitlines()), said
