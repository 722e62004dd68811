"""A run of the suites on an application with a peer."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

SECONDS = 60
ANSWERS = """
            await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
            await send({"type": "http.response.body", "body": b"ok"})
"""
PEER = f"""
    import os

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            with open("boots", "a") as file:
                print("once more", file=file)
            if "FAILS" in os.environ:
                raise RuntimeError("no key to sign with")
            await send({{"type": "lifespan.startup.complete"}})
            await receive()
            await send({{"type": "lifespan.shutdown.complete"}})
        else:{ANSWERS}
"""
APPLICATION = f"""
    import asyncio, os

    async def ask():
        host, port = os.environ["AUTH"].removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\\r\\nHost: auth\\r\\n\\r\\n")
        answer = await reader.read()
        writer.close()
        return b"200" in answer

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            for pause in (0.1, 0.2, 0.4, 0.8, 1.6):
                try:
                    await ask()
                    break
                except OSError:
                    await asyncio.sleep(pause)
            await send({{"type": "lifespan.startup.complete"}})
            await receive()
            await send({{"type": "lifespan.shutdown.complete"}})
        else:{ANSWERS}
"""
CONTRACT = """
    [launch]
    target = "app:app"
    env.AUTH = "{auth.url}"
    [services.auth]
    kind = "app"
    contract = "auth/startup.toml"
    canary = "app:ask()"
    outcome.late = "tolerated"
"""


def run(directory: Path, peer: str) -> subprocess.CompletedProcess[str]:
    """Run some tests which boot the application twice."""
    files = {"app.py": APPLICATION, "startup.toml": CONTRACT, "auth/app.py": PEER, "auth/startup.toml": peer}
    (directory / "auth").mkdir()
    for name, text in files.items():
        (directory / name).write_text(textwrap.dedent(text))
    command = [sys.executable, "-m", "pytest", "-m", "smoke or mission_critical", "-p", "no:cacheprovider"]
    command += ["-k", "service_answers or patience"]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_one_peer_for_all_boots(tmp_path: Path):
    """The boot which all share and those with faults have the same peer: it is started once in a run."""
    done = run(tmp_path, '[launch]\ntarget = "app:app"\n')
    assert "2 passed" in done.stdout, done.stdout
    assert "once more\n" == (tmp_path / "auth" / "boots").read_text()


@pytest.mark.parametrize(
    ("peer", "code", "says"),
    [
        pytest.param(
            '[launch]\ntarget = "app:app"\nenv.FAILS = "yes"\n',
            1,
            ["pytest-startup: services.auth: it does not become ready", "no key to sign with", "look at it alone: "],
            id="it does not start",
        ),
        pytest.param(
            '[launch]\ntarget = "app"\n',
            4,
            ["the contract has a mistake:\n", 'startup.toml:7: services.auth.contract = "auth/startup.toml": line 2: '],
            id="its contract has a mistake",
        ),
    ],
)  # fmt: skip
def test_what_is_said_of_a_peer_that_fails(tmp_path: Path, peer: str, code: int, says: list[str]):
    """A run which cannot have the peer says why, and what to look at."""
    done = run(tmp_path, peer)
    said = done.stdout + done.stderr
    assert code == done.returncode, said
    assert [True] * len(says) == [each in said for each in says], said
