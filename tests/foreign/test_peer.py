"""An application that nobody here wrote as a peer: another one needs it, and only their contracts say so."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

HERE = Path(__file__).parent
SECONDS = 90

READER = """
    import asyncio, json, os, urllib.request

    async def query():
        url = os.environ["DATA_URL"] + "/-/versions.json"
        with await asyncio.to_thread(urllib.request.urlopen, url, timeout=2) as answer:
            return json.load(answer)["asgi"] == "3.0"

    async def wait():
        for pause in (0.1, 0.2, 0.4, 0.8, 1.6, 3.2):
            try:
                return await query()
            except OSError:
                await asyncio.sleep(pause)
        raise SystemExit(1)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            await receive()
            await wait()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            return await send({"type": "lifespan.shutdown.complete"})
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
"""
CONTRACT = """
    [launch]
    target = "app:app"
    env.DATA_URL = "{data.url}"
    [services.data]
    kind = "app"
    contract = "datasette.toml"
    canary = "app:query()"
    backoff = true
    outcome = { absent = "exit", late = "tolerated" }
"""
TESTS = {"test_service_answers[data]", "test_becomes_ready", "test_late_service[data]", "test_patience[data]"}


def test_as_a_peer(environment: Callable[..., Path], tmp_path: Path) -> None:
    """It is started by its own command in its own environment, found, used and awaited, by its contract alone."""
    python = environment("3.12", "datasette", "marimo", "llmock")
    (tmp_path / "datasette.toml").write_text((HERE / "datasette.toml").read_text().replace("INTERPRETER", str(python)))
    (tmp_path / "app.py").write_text(textwrap.dedent(READER))
    (tmp_path / "startup.toml").write_text(textwrap.dedent(CONTRACT))
    command = [sys.executable, "-m", "pytest", "-m", "smoke or mission_critical", "--junitxml=out.xml"]
    command += ["-p", "no:cacheprovider", "-k", "service_answers or becomes_ready or late_service or patience"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False)
    cases = ET.parse(tmp_path / "out.xml").iter("testcase")
    passed = {case.attrib["name"] for case in cases if not {"failure", "error", "skipped"} & {e.tag for e in case}}
    assert done.returncode == 0, done.stdout
    assert passed == TESTS
